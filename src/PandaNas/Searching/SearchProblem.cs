using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>What is searched: the space, how good and how costly its architectures are, and what they may cost.</summary>
/// <param name="Space">The space.</param>
/// <param name="Evaluate">
/// The accuracies, in [0, 1] and in the same order, of a batch of architectures that were never evaluated before in this search and of
/// which no two have the same <see cref="SearchSpace.LiveGraphKey"/>. Never called with an empty batch.
/// </param>
/// <param name="CostOf">The cost of an architecture; must always give the same for the same architecture.</param>
/// <param name="Limits">The most an architecture may cost. Every architecture evaluated and returned keeps them.</param>
public sealed record SearchProblem(
    SearchSpace Space,
    Func<IReadOnlyList<Architecture>, IReadOnlyList<double>> Evaluate,
    Func<Architecture, ArchitectureCost> CostOf,
    CostLimits Limits);
