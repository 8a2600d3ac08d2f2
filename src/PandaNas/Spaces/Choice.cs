using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// One decision of a search space: a named place and how many candidates stand there. It is between operations, of an edge or a layer, or
/// between something else, such as which edges a node keeps; path sampling then draws it uniformly.
/// </summary>
/// <param name="Name">The place, unique in its space, for example <c>"0-&gt;3"</c>.</param>
/// <param name="Candidates">How many candidates there are, at least 1; an architecture takes one of them by its index.</param>
public sealed record Choice(string Name, int Candidates)
{
    /// <summary>A choice of the operation that stands at a place.</summary>
    /// <param name="name">The place.</param>
    /// <param name="operations">The candidates in order, as indices into <see cref="SearchSpace.Operations"/>.</param>
    public Choice(string name, ImmutableArray<int> operations)
        : this(name, operations.Length) => Operations = operations;

    /// <summary>
    /// The candidates in order, as indices into <see cref="SearchSpace.Operations"/>; null where the choice is not between operations.
    /// </summary>
    public ImmutableArray<int>? Operations { get; }
}
