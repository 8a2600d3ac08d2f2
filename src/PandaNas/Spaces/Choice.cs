using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>One decision of a search space: a named place (an edge, a layer) and the operations that may stand there.</summary>
/// <param name="Name">The place, unique in its space, for example <c>"0-&gt;3"</c>.</param>
/// <param name="Candidates">The candidates in order, as indices into <see cref="SearchSpace.Operations"/>.</param>
public sealed record Choice(string Name, ImmutableArray<int> Candidates);
