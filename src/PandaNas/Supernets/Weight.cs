using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>One trainable tensor of a network.</summary>
/// <param name="Name">Unique in its network; the name under which checkpoints and exports hold it.</param>
/// <param name="Tensor">The values, with gradient.</param>
/// <param name="Operation">The kind of operation to which the weight belongs, an index into the space's operations; -1 when every path uses it.</param>
/// <param name="UsedBy">Whether a path uses the weight.</param>
public sealed record Weight(string Name, Tensor Tensor, int Operation, Func<Architecture, bool> UsedBy)
{
    /// <summary>Whether the weight is there for every path: stem, reductions, classifier.</summary>
    public bool IsShared => Operation < 0;
}
