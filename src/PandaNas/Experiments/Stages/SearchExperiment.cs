using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Latency;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Stages;

/// <summary>How sure it is which architecture is the best of a search.</summary>
/// <param name="BestCi95">
/// 95% interval of the best one's accuracy, of the chance in which images scored it; null where the ranker takes no accuracies.
/// </param>
/// <param name="Visited">How many architectures were looked at.</param>
/// <param name="Ties">How many of them rank exactly as the best, the best itself included; the cheapest of them stands first.</param>
/// <param name="Within">
/// How many have an accuracy within that interval: the images cannot tell them from the best. With another ranker, how many rank no lower
/// than the best would with the lower end of the interval; null without one.
/// </param>
public sealed record SearchCertainty(Interval? BestCi95, int Visited, int Ties, int? Within);

/// <summary>What a search found.</summary>
/// <param name="Top">The best architectures, best first; at least one.</param>
/// <param name="Certainty">How sure it is which of them is the best.</param>
/// <param name="ParetoFront">The Pareto front of a search with several objectives, most accurate first; empty for other searches.</param>
/// <param name="Evaluated">How many different architectures were scored.</param>
/// <param name="Algorithm">The algorithm's name.</param>
/// <param name="Limits">What the architectures may cost, in words.</param>
/// <param name="LatencyOf">How the networks are run whose latencies are told; left out without a latency table.</param>
/// <param name="Seed">What decided the random numbers.</param>
/// <param name="Images">How many images scored them; 0 where the ranker takes none.</param>
/// <param name="RankingPart">Which images: validation or test.</param>
/// <param name="Seconds">Time of this process; left out of the file, which is the same however often the search was interrupted.</param>
/// <param name="Run">The run's folder; left out of the file, which lies there.</param>
public sealed record SearchResult(
    [property: JsonPropertyName("best")] ImmutableArray<ScoredArchitecture> Top,
    SearchCertainty Certainty,
    [property: JsonPropertyName("front")] ImmutableArray<ScoredArchitecture> ParetoFront,
    int Evaluated,
    string Algorithm,
    string Limits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LatencyOf,
    long Seed,
    int Images,
    string RankingPart,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Run) : IJsonOnDeserialized
{
    /// <summary>What ordered the architectures; null where their accuracy did.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal RankerReport? Ranker { get; init; }

    /// <summary>What a predictor learned from architectures that were trained alone, and then ordered by; null where none were.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal LabelReport? Labels { get; init; }

    /// <summary>The options by key, and those of the evaluation that are not the run's; empty in files of older versions.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The best architecture.</summary>
    [JsonIgnore]
    public ScoredArchitecture Best => Top[0];

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Top.IsDefaultOrEmpty || ParetoFront.IsDefault || Top.Concat(ParetoFront).Any(one => one is not { Architecture.Length: > 0 }))
            throw new JsonException("it names no best architecture, or one without a name");
    }
}

/// <summary>Searches a supernet for good architectures under limits.</summary>
internal static class SearchExperiment
{
    /// <summary>The file of the result, in the run's folder.</summary>
    public const string ResultName = "search.json";

    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "search";

    /// <summary>Searches; the result lands in the run's <c>search.json</c>.</summary>
    /// <remarks>
    /// The state of a search is the scores in the run: interrupted and started again, it draws the same random numbers, finds the scores
    /// that are there and goes on from the first that is not.
    /// </remarks>
    /// <param name="supernet">A trained supernet, opened for the options' images.</param>
    /// <param name="options">What to search for and how.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">
    /// Stopped when asked; scores so far are kept, and the same search goes on from them.
    /// </exception>
    /// <exception cref="BadDataException">The latency table is damaged or holds for other networks.</exception>
    internal static SearchResult Search(SupernetEvaluation supernet, SearchOptions options, RunContext context)
    {
        long started = context.Clock.GetTimestamp();
        LatencyTable? table = options.LatencyTable is null
            ? null
            : LatencyTables.OpenFor(options.LatencyTable, supernet.Family, supernet.NetworkOptions, options.AllowOtherMachine);
        var problem = new SearchProblem(
            supernet.Family.Space, _ => [], architecture => CostOf(supernet, table, architecture), options.Limits);
        // Before anything is scored: whether any architecture keeps the limits, and as many as are to be labelled.
        IReadOnlyList<Architecture>? pool =
            options.Labels > 0 ? LabelledRanker.PoolOf(supernet, problem, options, context.Stop) : null;
        if (pool is null) _ = new AdmissibleArchitectures(problem, RandomStream.Derive(options.Seed, "limits"), context.Stop).TryDraw();
        var ranker = ArchitectureRanker.Make(
            supernet, options.Measured, options.Reference, options.InitialNetworks, supernet.Images, context);
        LabelledRanker? labelled = pool is null ? null : LabelledRanker.Make(supernet, ranker, pool, options, context);
        problem = problem with
        {
            Evaluate = batch => labelled is null ? ranker.Of(batch, context.Stop) : labelled.Of(batch, context.Stop),
        };
        SearchOutcome outcome = options.NewAlgorithm().Run(
            problem, RandomStream.Derive(options.Seed, "search"), new SearchReport(options.Measured.IsAccuracy, context), context.Stop);

        var result = new SearchResult(
            [.. outcome.Visited.Take(options.Top).Select(Scored)], Certainty(supernet, ranker, labelled, outcome.Visited),
            [.. outcome.ParetoFront.Select(Scored)], outcome.Evaluated, options.Algorithm, options.Limits.ToString(),
            table?.Conditions.Running, options.Seed, supernet.Images, supernet.RankingPart, null, null)
        {
            Ranker = ranker.Report,
            Labels = labelled?.Report,
            Options = StoredOptions.Texts(options, supernet.Conditions),
        };
        supernet.Run.WriteRecord(ResultName, result);
        context.EndStage(supernet.Run);
        return result with
        {
            Seconds = context.Clock.GetElapsedTime(started).TotalSeconds,
            Run = supernet.Run.Path,
            Ranker = ranker.ReportWithTimes(),
        };

        ScoredArchitecture Scored(VisitedArchitecture visited)
        {
            ScoredArchitecture described = ranker.Described(
                new ScoredArchitecture(
                    visited.Text, ranker.AccuracyOf(visited.Architecture), visited.Cost.Parameters, visited.Cost.MultiplyAdds)
                {
                    LatencyMs = visited.Cost.LatencyMs,
                },
                visited.Architecture);
            return labelled is null ? described : described with { Score = visited.Score };
        }
    }

    /// <summary>The result of the last search in a run; null where there was none.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static SearchResult? ReadResult(string folder) => SealedRecord.ReadResult<SearchResult>(Path.Combine(folder, ResultName));

    /// <summary>The best architecture of the last search in a run.</summary>
    /// <exception cref="BadDataException">There was none, or its file is damaged.</exception>
    public static string BestOf(string folder)
    {
        RunDirectory.RequireRun(folder);
        string path = Path.Combine(folder, ResultName), remedy = $"Search the supernet first{Mention.How(Step.Search, folder)}.";
        if (!Path.Exists(path)) throw new BadDataException($"'{folder}' has no {ResultName}, which says what is best. {remedy}");
        return SealedRecord.Read<SearchResult>(path, remedy).Best.Architecture;
    }

    private static Cost CostOf(SupernetEvaluation supernet, LatencyTable? table, Architecture architecture) =>
        supernet.Family.Cost(supernet.NetworkOptions, architecture) with
        {
            LatencyMs = table is null ? null : LatencyTables.PredictMs(table, supernet.Family, supernet.NetworkOptions, architecture),
        };

    // What ranks above the best if that had the least accuracy of its interval might be better than it.
    private static SearchCertainty Certainty(
        SupernetEvaluation supernet, ArchitectureRanker ranker, LabelledRanker? labelled, ImmutableArray<VisitedArchitecture> visited)
    {
        Architecture best = visited[0].Architecture;
        int ties = visited.Count(one => one.Score == visited[0].Score);
        if (ranker.AccuracyOf(best) is not { } accuracy) return new SearchCertainty(null, visited.Length, ties, null);
        Interval interval = WilsonInterval.Of(accuracy, supernet.Images);
        double least = labelled?.OfAccuracy(best, interval.Lower) ?? ranker.OfAccuracy(best, interval.Lower);
        return new SearchCertainty(interval, visited.Length, ties, visited.Count(one => one.Score >= least));
    }

    private sealed class SearchReport(bool byAccuracy, RunContext context) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => context.Report(
            Stage, (double)value.Step / value.Steps,
            byAccuracy
                ? FormattableString.Invariant($"{value.Evaluated} evaluated, best {value.Best.Score:P1}")
                : FormattableString.Invariant($"{value.Evaluated} evaluated, best score {value.Best.Score:F3}"));
    }
}
