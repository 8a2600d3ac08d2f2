using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>One operation on an edge of a cell.</summary>
internal interface IOperation
{
    /// <summary>What it reads of its source: the value, or its activation, which the operations that read it share.</summary>
    Reads Reads { get; }

    /// <summary>N×C×H×W to a term of N×C×H'×W' whose batch norm is left to the node that reads it.</summary>
    Term Forward(Tensor input, bool training);
}

/// <summary>The input as it is.</summary>
internal sealed class Identity : IOperation
{
    public Reads Reads => Reads.Raw;

    public Term Forward(Tensor input, bool training) => new(input);
}
