using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>One operation on an edge of a cell.</summary>
internal interface IOperation
{
    /// <summary>Whether the input is to be the ReLU of the source: the caller makes it, so that the edges of a node share it.</summary>
    bool TakesActivated { get; }

    /// <summary>N×C×H×W to N×C×H'×W'.</summary>
    Tensor Forward(Tensor input, bool training);
}
