using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Ranking;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Stages;

/// <summary>
/// A ranking of architectures by their accuracy with a supernet's weights, or by another ranker, and how it came about.
/// </summary>
public sealed record RankingResult
{
    /// <summary>How many architectures were ranked.</summary>
    [JsonPropertyName("architectures")]
    public required int Count { get; init; }

    /// <summary>How well the ranking agrees with true accuracies; null without a truth.</summary>
    [JsonInline]
    public RankingQuality? Quality { get; init; }

    /// <summary>Whether only the first of isomorphic architectures was ranked.</summary>
    public required bool Unique { get; init; }

    /// <summary>The least true accuracy, in percent, of what was ranked; null where all were.</summary>
    public required double? MinTruth { get; init; }

    /// <summary>How many architectures were evaluated now; the scores of the others were there already.</summary>
    public required int Evaluated { get; init; }

    /// <summary>How many images scored each, or with screening those of the last stage; 0 where the ranker takes none.</summary>
    public required int Images { get; init; }

    /// <summary>What screening did to the ranking; null without screening.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal ScreeningEffect? Screening { get; init; }

    /// <summary>How much of the ranking is counting parameters; null in files of older versions.</summary>
    [JsonInclude]
    internal CountingShare? Counting { get; init; }

    /// <summary>What ordered the architectures and what its scores say by themselves; null where the accuracy ordered them.</summary>
    [JsonInclude, JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    internal RankerReport? Ranker { get; init; }

    /// <summary>Which images scored: validation or test.</summary>
    public required string RankingPart { get; init; }

    /// <summary>Which images train and rank: split or released.</summary>
    public required string Protocol { get; init; }

    /// <summary>The supernet's training method.</summary>
    public required string Method { get; init; }

    /// <summary>The number format of the evaluation.</summary>
    public required string Precision { get; init; }

    /// <summary>The data set.</summary>
    public required string DataSet { get; init; }

    /// <summary>The truth's column; null without a truth.</summary>
    public required string? TruthColumn { get; init; }

    /// <summary>Decided the random architectures, the images and the bootstrap.</summary>
    public required long Seed { get; init; }

    /// <summary>The options by key, and those of the evaluation that are not the run's; empty in files of older versions.</summary>
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Time of scoring and measuring.</summary>
    public required double Seconds { get; init; }

    /// <summary>The run's folder.</summary>
    public required string Run { get; init; }

    /// <summary>The best architectures, best first; where the ranking is written to a file, which does not name all.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<ScoredArchitecture> Best { get; init; }

    /// <summary>The worst architectures, the worst last; none where all are among the best.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public ImmutableArray<ScoredArchitecture> Worst { get; init; }

    /// <summary>All architectures, best first, of equal ones those of lower cost; not in the file, but in the table beside it.</summary>
    [JsonIgnore]
    public ImmutableArray<ScoredArchitecture> BestFirst { get; init; } = [];
}

/// <summary>A ranking with its architectures in the order of the selection, so that rankings of one selection lie side by side.</summary>
/// <param name="Result">The ranking.</param>
/// <param name="Selected">Its architectures.</param>
internal sealed record MeasuredRanking(RankingResult Result, ImmutableArray<ScoredArchitecture> Selected);

/// <summary>Ranks architectures with a supernet, and measures the ranking against a truth.</summary>
internal static class RankingExperiment
{
    private const string ResultName = "ranking.json", TableName = "ranking.csv";

    /// <summary>How many of the best and of the worst architectures the report names.</summary>
    public const int Shown = 10;

    /// <summary>
    /// Ranks; results land in the run's <c>ranking.csv</c>, best first, and <c>ranking.json</c>, which names the best and the worst.
    /// </summary>
    /// <param name="supernet">A trained supernet, opened for the options' images.</param>
    /// <param name="options">What is ranked, and against what.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <returns>The content of both.</returns>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    internal static RankingResult Rank(SupernetEvaluation supernet, RankOptions options, RunContext context)
    {
        // Truth and selection first: they can be wrong, and evaluation is long.
        var selection = RankingSelection.Choose(options, supernet.Family.Space, supernet.DataSet);
        RankingResult ranking = Measure(supernet, selection, options, context).Result;
        ImmutableArray<ScoredArchitecture> order = ranking.BestFirst;
        ranking = ranking with { Best = [.. order.Take(Shown)], Worst = [.. order.Skip(Math.Max(Shown, order.Length - Shown))] };
        supernet.Run.Write(supernet.Run.File(TableName), ScoredArchitecture.Csv(order));
        supernet.Run.Write(supernet.Run.File(ResultName), JsonSerializer.Serialize(ranking, RunJson.Options) + "\n");
        context.EndStage(supernet.Run);
        return ranking;
    }

    /// <summary>The last ranking in a run, with all its architectures; null where there was none.</summary>
    /// <exception cref="BadDataException">A file is damaged.</exception>
    public static RankingResult? ReadResult(string folder) =>
        RunJson.ReadResult<RankingResult>(Path.Combine(folder, ResultName)) is not { } result ? null
        : result with { BestFirst = ScoredArchitecture.ReadCsv(Path.Combine(folder, TableName)) };

    /// <summary>Ranks a selection with an opened supernet, and writes nothing but scores.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    internal static MeasuredRanking Measure(
        SupernetEvaluation supernet, RankingSelection selection, RankOptions options, RunContext context)
    {
        long started = context.Clock.GetTimestamp();
        int before = supernet.Evaluated;
        var rankers = new Dictionary<int, ArchitectureRanker>();
        var plan = ScreeningPlan.Of(options.Screen);
        plan.CheckFits(supernet.Images);
        foreach (int images in plan.Stages.Select(stage => stage.Images).Append(supernet.Images))
            rankers[images] = ArchitectureRanker.Make(
                supernet, options.Formula, options.Reference, options.InitialNetworks, images, context);
        ArchitectureRanker ranker = rankers[supernet.Images];
        ScreenedScores scores = SuccessiveScreening.Score(
            selection, plan, supernet.Images,
            (images, architectures, scored) => rankers[images].Of(architectures, context.Stop, scored), options.Seed, context);
        Cost[] costs = [.. selection.Architectures.Select(architecture => supernet.Family.Cost(supernet.NetworkOptions, architecture))];
        ImmutableArray<ScoredArchitecture> selected = Scored(supernet, selection, scores, costs, rankers);
        var result = new RankingResult
        {
            Count = selected.Length,
            Quality = Compare(supernet, selection, scores.Standings, costs, options),
            Unique = options.Unique,
            MinTruth = options.MinTruth,
            Evaluated = supernet.Evaluated - before,
            Images = supernet.Images,
            Screening = scores.Effect,
            Counting = CountingShare.Of(
                scores.Standings,
                [.. selection.Architectures.Select(one => supernet.Family.LiveCost(supernet.NetworkOptions, one).Parameters)],
                selection.Truths),
            Ranker = Report(supernet, selection, ranker),
            RankingPart = supernet.RankingPart,
            Protocol = supernet.Options.Protocol.ToString().ToLowerInvariant(),
            Method = supernet.Options.Method,
            Precision = PrecisionResolver.NameOf(supernet.Options.Precision),
            DataSet = supernet.DataSet,
            TruthColumn = selection.TruthColumn,
            Seed = options.Seed,
            Options = StoredOptions.Texts(options, supernet.Conditions),
            Seconds = context.Clock.GetElapsedTime(started).TotalSeconds,
            Run = supernet.Run.Path,
            BestFirst =
            [
                .. selected.Zip(scores.Standings)
                    .OrderByDescending(one => one.Second)
                    .ThenBy(one => one.First.Parameters)
                    .ThenBy(one => one.First.MultiplyAdds)
                    .ThenBy(one => one.First.Architecture, StringComparer.Ordinal)
                    .Select(one => one.First),
            ],
        };
        return new MeasuredRanking(result, selected);
    }

    private static RankingQuality? Compare(
        SupernetEvaluation supernet, RankingSelection selection, ImmutableArray<double> predicted, Cost[] costs, RankOptions options)
    {
        if (selection.Truths is not { } truths) return null;
        Cost[] liveCosts =
            [.. selection.Architectures.Select(architecture => supernet.Family.LiveCost(supernet.NetworkOptions, architecture))];
        RankedArchitecture[] ranked =
            [.. selection.Architectures.Select((architecture, i) => new RankedArchitecture(architecture, predicted[i], truths[i]))];
        var controls = new Dictionary<string, IReadOnlyList<double>>
        {
            ["params"] = [.. costs.Select(cost => (double)cost.Parameters)],
            ["macs"] = [.. costs.Select(cost => (double)cost.MultiplyAdds)],
            ["live_params"] = [.. liveCosts.Select(cost => (double)cost.Parameters)],
            ["live_macs"] = [.. liveCosts.Select(cost => (double)cost.MultiplyAdds)],
        };
        return RankingQuality.Compute(
            supernet.Family.Space, ranked, controls, options.Seed, TopSizes.Parse(options.TopK).Of(predicted.Length));
    }

    // Only a screened ranking needs to say on how many images an accuracy is.
    private static ImmutableArray<ScoredArchitecture> Scored(
        SupernetEvaluation supernet, RankingSelection selection, ScreenedScores scores, Cost[] costs,
        Dictionary<int, ArchitectureRanker> rankers) =>
    [
        .. selection.Architectures.Select((architecture, i) => rankers[scores.Images[i]].Described(
            new ScoredArchitecture(
                supernet.Family.Space.Format(architecture), rankers[scores.Images[i]].AccuracyOf(architecture),
                costs[i].Parameters, costs[i].MultiplyAdds)
            {
                Truth = selection.Truths?[i],
                Images = scores.Effect is null ? null : scores.Images[i],
            },
            architecture)),
    ];

    // What the ranker has from each of its scores.
    private static RankerReport? Report(
        SupernetEvaluation supernet, RankingSelection selection, ArchitectureRanker ranker)
    {
        if (ranker.ReportWithTimes() is not { } report) return null;
        ImmutableArray<Architecture> architectures = selection.Architectures;
        if (selection.Truths is not { } truths) return report;
        ImmutableArray<double>[] ranks = [.. architectures.Select(one => ranker.RanksOf(one))];
        return report with
        {
            AccuracyAlone = ranker.KnowsAccuracies
                ? ControlQuality.Of([.. architectures.Select(one => ranker.AccuracyOf(one)!.Value)], [.. truths])
                : null,
            Scores =
            [
                .. report.Scores.Select((score, term) => score with
                {
                    Alone = ControlQuality.Of([.. ranks.Select(one => one[term])], [.. truths]),
                }),
            ],
        };
    }
}
