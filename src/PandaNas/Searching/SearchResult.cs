using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>An architecture with what a search knows about it.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Text">The architecture in its space's notation.</param>
/// <param name="Accuracy">The accuracy with the supernet's weights, in [0, 1].</param>
/// <param name="Cost">What it costs.</param>
public sealed record ScoredArchitecture(Architecture Architecture, string Text, double Accuracy, ArchitectureCost Cost)
{
    /// <summary>
    /// Best first: higher accuracy, then lower cost (parameters, then multiply-adds, then latency), then the text by ordinal comparison,
    /// so that the order of different architectures is always the same.
    /// </summary>
    public static IComparer<ScoredArchitecture> BestFirst { get; } = Comparer<ScoredArchitecture>.Create((one, other) =>
    {
        int order = other.Accuracy.CompareTo(one.Accuracy);
        if (order == 0) order = one.Cost.Parameters.CompareTo(other.Cost.Parameters);
        if (order == 0) order = one.Cost.MultiplyAdds.CompareTo(other.Cost.MultiplyAdds);
        if (order == 0) order = Nullable.Compare(one.Cost.LatencyMs, other.Cost.LatencyMs);
        return order != 0 ? order : string.CompareOrdinal(one.Text, other.Text);
    });
}

/// <summary>What a search found.</summary>
/// <param name="Best">Every architecture visited, once each, in the order of <see cref="ScoredArchitecture.BestFirst"/>; at least one.</param>
/// <param name="Evaluated">
/// How many architectures were evaluated; below the number visited where some compute the same
/// (<see cref="SearchSpace.LiveGraphKey"/>) and so share one evaluation.
/// </param>
public sealed record SearchResult(ImmutableArray<ScoredArchitecture> Best, int Evaluated)
{
    /// <summary>
    /// The Pareto front of a search with several objectives, most accurate first: no architecture visited is at least as good in every
    /// objective and better in one. Of those equal in all objectives the first of <see cref="Best"/> is there. Empty for other searches.
    /// </summary>
    public ImmutableArray<ScoredArchitecture> Front { get; init; } = [];
}

/// <summary>How far a search has come.</summary>
/// <param name="Step">Steps done, a generation or a batch each.</param>
/// <param name="Steps">Steps in all; a search of a small space may end earlier.</param>
/// <param name="Visited">Architectures visited.</param>
/// <param name="Evaluated">Architectures evaluated.</param>
/// <param name="Best">The best so far.</param>
public sealed record SearchProgress(int Step, int Steps, int Visited, int Evaluated, ScoredArchitecture Best);
