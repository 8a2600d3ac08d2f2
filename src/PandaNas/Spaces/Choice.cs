using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// One decision of a search space: a named place and how many candidates stand there. An <see cref="OperationChoice"/> is between
/// operations; any other one is between something else, such as which edges a node keeps, and path sampling draws it uniformly.
/// </summary>
/// <param name="Name">The place, unique in its space, for example <c>"0-&gt;3"</c>.</param>
/// <param name="Candidates">How many candidates there are, at least 1; an architecture takes one of them by its index.</param>
public record Choice(string Name, int Candidates);

/// <summary>A choice of the operation that stands at a place, such as an edge or a layer.</summary>
/// <param name="Name">The place.</param>
/// <param name="Operations">The candidates in order, as indices into <see cref="SearchSpace.Operations"/>.</param>
public sealed record OperationChoice(string Name, ImmutableArray<int> Operations) : Choice(Name, Operations.Length);
