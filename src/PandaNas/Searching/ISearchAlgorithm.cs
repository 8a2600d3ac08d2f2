using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>A way to look for accurate architectures under limits.</summary>
public interface ISearchAlgorithm
{
    /// <summary>Whether it weighs latencies, so that it must be told them.</summary>
    bool NeedsLatency => false;

    /// <summary>Searches. No architecture, and no two that compute the same, are evaluated twice.</summary>
    /// <param name="problem">What is searched.</param>
    /// <param name="stream">Where the random numbers come from: the same stream state and scores give the same result.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="BadOptionException">An option or limit is out of its range, or no architecture keeps the limits.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The evaluation gave too few values or one outside [0, 1].</exception>
    SearchOutcome Run(SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation);
}

/// <summary>What is searched: the space, how good and how costly its architectures are, and what they may cost.</summary>
/// <param name="Space">The space.</param>
/// <param name="Evaluate">
/// The scores, in [0, 1] and in the same order (accuracies unless a ranker says otherwise), of a batch of architectures that were never
/// evaluated before in this search and of which no two have the same <see cref="SearchSpace.LiveGraphKey"/>. Never called with an empty
/// batch.
/// </param>
/// <param name="CostOf">The cost of an architecture; must always give the same for the same architecture.</param>
/// <param name="Limits">The most an architecture may cost. Every architecture evaluated and returned keeps them.</param>
public sealed record SearchProblem(
    SearchSpace Space,
    Func<IReadOnlyList<Architecture>, IReadOnlyList<double>> Evaluate,
    Func<Architecture, Cost> CostOf,
    CostLimits Limits);

/// <summary>An architecture with what a search knows about it.</summary>
/// <param name="Architecture">The architecture.</param>
/// <param name="Text">The architecture in its space's notation.</param>
/// <param name="Score">What it is ordered by, in [0, 1]: the accuracy with the supernet's weights unless a ranker says otherwise.</param>
/// <param name="Cost">What it costs.</param>
public sealed record VisitedArchitecture(Architecture Architecture, string Text, double Score, Cost Cost)
{
    /// <summary>
    /// Best first: higher score, then lower cost (parameters, then multiply-adds, then latency), then the text by ordinal comparison,
    /// so that the order of different architectures is always the same.
    /// </summary>
    public static IComparer<VisitedArchitecture> BestFirst { get; } = Comparer<VisitedArchitecture>.Create((one, other) =>
    {
        int order = other.Score.CompareTo(one.Score);
        if (order == 0) order = one.Cost.Parameters.CompareTo(other.Cost.Parameters);
        if (order == 0) order = one.Cost.MultiplyAdds.CompareTo(other.Cost.MultiplyAdds);
        if (order == 0) order = Nullable.Compare(one.Cost.LatencyMs, other.Cost.LatencyMs);
        return order != 0 ? order : string.CompareOrdinal(one.Text, other.Text);
    });
}

/// <summary>What a search has visited.</summary>
/// <param name="Visited">
/// Every architecture visited, once each, in the order of <see cref="VisitedArchitecture.BestFirst"/>; at least one.
/// </param>
/// <param name="Evaluated">
/// How many architectures were evaluated; below the number visited where some compute the same
/// (<see cref="SearchSpace.LiveGraphKey"/>) and so share one evaluation.
/// </param>
public sealed record SearchOutcome(ImmutableArray<VisitedArchitecture> Visited, int Evaluated)
{
    /// <summary>
    /// The Pareto front of a search with several objectives, best score first: no architecture visited is at least as good in every
    /// objective and better in one. Of those equal in all objectives the first of <see cref="Visited"/> is there. Empty for other searches.
    /// </summary>
    public ImmutableArray<VisitedArchitecture> ParetoFront { get; init; } = [];
}

/// <summary>How far a search has come.</summary>
/// <param name="Step">Steps done, a generation or a batch each.</param>
/// <param name="Steps">Steps in all; a search of a small space may end earlier.</param>
/// <param name="Visited">Architectures visited.</param>
/// <param name="Evaluated">Architectures evaluated.</param>
/// <param name="Best">The best so far.</param>
public sealed record SearchProgress(int Step, int Steps, int Visited, int Evaluated, VisitedArchitecture Best);
