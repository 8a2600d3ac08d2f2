using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>The gradient norms of a path that was just trained, one for every operation that it takes.</summary>
/// <param name="Path">The path.</param>
/// <param name="AtChoices">
/// For every choice the norm of the operation that the path takes there: the sum, over the cells, of the Euclidean norms of the
/// gradients of its weight tensors. 0 for an operation without weights; null where the choice is not between operations.
/// </param>
public sealed record PathNorms(Architecture Path, ImmutableArray<double?> AtChoices);
