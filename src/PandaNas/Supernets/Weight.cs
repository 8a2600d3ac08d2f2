using System.Collections.Immutable;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>One trainable tensor of a network.</summary>
/// <param name="Name">Unique in its network; the name under which checkpoints and exports hold it.</param>
/// <param name="Tensor">The values, with gradient.</param>
/// <param name="Operations">
/// The kinds of operation to which the weight belongs, indices into the space's operations: one, or with weight entanglement those that
/// share it; none when every path uses it.
/// </param>
/// <param name="ChoiceIn">
/// The choice at which a path takes that operation with this weight; <see cref="Unused"/> for paths that do not use the weight. In some
/// spaces the same edge belongs to different choices of different paths.
/// </param>
public sealed record Weight(string Name, Tensor Tensor, ImmutableArray<int> Operations, Func<Architecture, int> ChoiceIn)
{
    /// <summary>Stands for the choice where a path does not use the weight.</summary>
    public const int Unused = -1;

    /// <summary>Whether the weight is there for every path: stem, reductions, classifier.</summary>
    public bool IsShared => Operations.IsEmpty;
}
