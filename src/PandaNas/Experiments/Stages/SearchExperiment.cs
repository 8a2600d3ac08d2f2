using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Latency;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Stages;

/// <summary>An architecture that a search found.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">With the supernet's weights on the ranking images, in [0, 1].</param>
/// <param name="Params">Parameters of the plain network.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
/// <param name="LatencyMs">Milliseconds for one batch, by the latency table; left out without one.</param>
public sealed record FoundArchitecture(
    string Architecture, double Accuracy, long Params, long Macs, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? LatencyMs);

/// <summary>How sure it is which architecture is the best of a search.</summary>
/// <param name="BestCi95">95% interval of the best one's accuracy, of the chance in which images scored it.</param>
/// <param name="Visited">How many architectures were looked at.</param>
/// <param name="Ties">How many of them have exactly the best accuracy, the best itself included; the cheapest of them stands first.</param>
/// <param name="Within">How many have an accuracy within that interval: the images cannot tell them from the best.</param>
public sealed record SearchCertainty(Interval BestCi95, int Visited, int Ties, int Within)
{
    /// <summary>Counts among everything that a search visited.</summary>
    internal static SearchCertainty Of(ImmutableArray<ScoredArchitecture> visited, int images)
    {
        double best = visited[0].Accuracy;
        Interval interval = WilsonInterval.Of(best, images);
        return new SearchCertainty(interval, visited.Length, visited.Count(one => one.Accuracy == best), visited.Count(one => one.Accuracy >= interval.Lower));
    }
}

/// <summary>What a search found.</summary>
/// <param name="Best">The best architectures, best first.</param>
/// <param name="Certainty">How sure it is which of them is the best.</param>
/// <param name="Front">The Pareto front of a search with several objectives, most accurate first; empty for other searches.</param>
/// <param name="Evaluated">How many different architectures were scored.</param>
/// <param name="Algorithm">The algorithm's name.</param>
/// <param name="Limits">What the architectures may cost, in words.</param>
/// <param name="LatencyOf">How the networks are run whose latencies are told; left out without a latency table.</param>
/// <param name="Seed">What decided the random numbers.</param>
/// <param name="Images">How many images scored them.</param>
/// <param name="RankingPart">Which images: validation or test.</param>
/// <param name="Seconds">Time of this process; left out of the file, which is the same however often the search was interrupted.</param>
/// <param name="Run">The run's folder; left out of the file, which lies there.</param>
public sealed record SearchSummary(
    ImmutableArray<FoundArchitecture> Best, SearchCertainty Certainty, ImmutableArray<FoundArchitecture> Front, int Evaluated, string Algorithm, string Limits,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? LatencyOf, long Seed, int Images, string RankingPart,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Seconds,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Run);

/// <summary>Searches a supernet for good architectures under limits.</summary>
public static class SearchExperiment
{
    /// <summary>The file of the result, in the run's folder.</summary>
    public const string ResultName = "search.json";

    /// <summary>Searches; the result lands in the run's <c>search.json</c>.</summary>
    /// <remarks>
    /// The state of a search is the scores in the run: interrupted and started again, it draws the same random numbers, finds the scores
    /// that are there and goes on from the first that is not.
    /// </remarks>
    /// <param name="folder">The run of a trained supernet.</param>
    /// <param name="request">What to search for and how.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept, and the same search goes on from them.</exception>
    /// <exception cref="BadDataException">The latency table is damaged or holds for other networks.</exception>
    public static SearchSummary Search(string folder, SearchRequest request, Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(request);
        request.Validate();
        using SupernetEvaluation supernet = SupernetEvaluation.Open(folder, request.Images, request.Seed, adjust, context);
        long started = context.Clock.GetTimestamp();
        LatencyTable? table = request.LatencyTable is null
            ? null
            : LatencyTables.OpenFor(request.LatencyTable, supernet.Family, supernet.NetworkOptions, request.AllowOtherMachine);
        var problem = new SearchProblem(
            supernet.Family.Space, batch => Score(supernet, batch, context), architecture => CostOf(supernet, table, architecture), request.Limits);
        SearchResult result = request.Algorithm.Run(problem, RandomStream.Derive(request.Seed, "search"), new SearchReport(context), context.Stop);

        var summary = new SearchSummary(
            [.. result.Best.Take(request.Top).Select(Found)], SearchCertainty.Of(result.Best, supernet.Images), [.. result.Front.Select(Found)], result.Evaluated, request.Name, request.Limits.ToString(),
            table?.Conditions.Running, request.Seed, supernet.Images, supernet.RankingPart, null, null);
        supernet.Run.WriteRecord(ResultName, summary);
        return summary with { Seconds = context.Clock.GetElapsedTime(started).TotalSeconds, Run = supernet.Run.Path };
    }

    /// <summary>The best architecture of the last search in a run.</summary>
    /// <exception cref="BadDataException">There was none, or its file is damaged.</exception>
    public static string BestOf(string folder)
    {
        RunDirectory.RequireRun(folder);
        string path = Path.Combine(folder, ResultName), remedy = $"Run 'panda search {folder}' first.";
        if (!Path.Exists(path)) throw new BadDataException($"'{folder}' has no {ResultName}, which says what is best. {remedy}");
        SearchSummary summary = SealedRecord.Read<SearchSummary>(path, remedy);
        return summary.Best is { IsDefaultOrEmpty: false } best && best[0]?.Architecture is { Length: > 0 } text
            ? text
            : throw new BadDataException($"cannot take the best architecture from '{path}': it names none. {remedy}");
    }

    private static ArchitectureCost CostOf(SupernetEvaluation supernet, LatencyTable? table, Architecture architecture) => ArchitectureCost.Of(
        supernet.Family.Cost(supernet.NetworkOptions, architecture),
        table is null ? null : LatencyTables.PredictMs(table, supernet.Family, supernet.NetworkOptions, architecture));

    private static FoundArchitecture Found(ScoredArchitecture scored) =>
        new(scored.Text, scored.Accuracy, scored.Cost.Parameters, scored.Cost.MultiplyAdds, scored.Cost.LatencyMs);

    private static double[] Score(SupernetEvaluation supernet, IReadOnlyList<Architecture> batch, RunContext context)
    {
        var accuracies = new double[batch.Count];
        for (int i = 0; i < accuracies.Length; i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            accuracies[i] = supernet.Accuracy(batch[i]);
        }
        return accuracies;
    }

    private sealed class SearchReport(RunContext context) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => context.Report(
            "search", (double)value.Step / value.Steps, FormattableString.Invariant($"{value.Evaluated} evaluated, best {value.Best.Accuracy:P1}"));
    }
}
