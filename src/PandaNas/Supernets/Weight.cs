using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>One trainable tensor of a network.</summary>
/// <param name="Name">Unique in its network; the name under which checkpoints and exports hold it.</param>
/// <param name="Tensor">The values, with gradient.</param>
/// <param name="Choice">The choice to whose candidate the weight belongs, or -1 when every path uses it.</param>
/// <param name="Candidate">The candidate of that choice, or -1.</param>
public sealed record Weight(string Name, Tensor Tensor, int Choice, int Candidate)
{
    /// <summary>Whether the weight is there for every path: stem, reductions, classifier.</summary>
    public bool IsShared => Choice < 0;
}
