using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// One decision of a search space: a named place (an edge, a layer) and the operations that may stand there; or a decision about
/// something else, such as which edges a node keeps, whose candidates are no operations.
/// </summary>
/// <param name="Name">The place, unique in its space, for example <c>"0-&gt;3"</c>.</param>
/// <param name="Candidates">
/// The candidates in order, as indices into <see cref="SearchSpace.Operations"/>; all <see cref="NoOperation"/> where the choice is
/// between something else.
/// </param>
public sealed record Choice(string Name, ImmutableArray<int> Candidates)
{
    /// <summary>Stands for a candidate that is no operation.</summary>
    public const int NoOperation = -1;

    /// <summary>Whether the candidates are operations. Path sampling draws the candidates of other choices uniformly.</summary>
    public bool HasOperations => Candidates[0] != NoOperation;

    /// <summary>A choice between so many candidates that are no operations.</summary>
    public static Choice WithoutOperations(string name, int candidates) => new(name, [.. Enumerable.Repeat(NoOperation, candidates)]);
}
