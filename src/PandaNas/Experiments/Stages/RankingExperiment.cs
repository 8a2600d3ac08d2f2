using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Stages;

/// <summary>A measured ranking, as it is written.</summary>
/// <param name="Report">Statistics, and how they came about.</param>
/// <param name="Rows">The architectures in the order in which they were selected.</param>
public sealed record MeasuredRanking(JsonObject Report, ImmutableArray<RankedRow> Rows)
{
    /// <summary>One line an architecture, in the order of the selection, so that rankings of one selection lie side by side.</summary>
    public string Csv => RankedRow.Csv(Rows);

    /// <summary>The architectures best first; of equal ones those of lower cost.</summary>
    public ImmutableArray<RankedRow> BestFirst { get; } =
    [
        .. Rows.OrderByDescending(row => row.Standing).ThenBy(row => row.Params).ThenBy(row => row.Macs).ThenBy(row => row.Architecture, StringComparer.Ordinal),
    ];
}

/// <summary>Ranks architectures by their accuracy with a supernet's weights, and measures the ranking against a truth.</summary>
public static class RankingExperiment
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "rank architectures";

    /// <summary>How many of the best and of the worst architectures the report names.</summary>
    public const int Shown = 10;

    /// <summary>Ranks; results land in the run's <c>ranking.csv</c>, best first, and <c>ranking.json</c>, which names the best and the worst.</summary>
    /// <param name="folder">The run of a trained supernet.</param>
    /// <param name="options">What is ranked, and against what.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <returns>The content of <c>ranking.json</c>.</returns>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static JsonObject Rank(string folder, RankingOptions options, Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        TopSizes.Parse(options.TopK);
        ScreeningPlan.Of(options.Screen);
        using SupernetEvaluation supernet = SupernetEvaluation.Open(folder, options.Images, options.Seed, adjust, context);
        // Truth and selection first: they can be wrong, and evaluation is long.
        var selection = RankingSelection.Choose(options, supernet.Family.Space, supernet.DataSet);
        MeasuredRanking ranking = Measure(supernet, selection, options, context);
        ImmutableArray<RankedRow> order = ranking.BestFirst;
        ranking.Report["best"] = JsonSerializer.SerializeToNode(order.Take(Shown), RunJson.Options);
        ranking.Report["worst"] = JsonSerializer.SerializeToNode(order.Skip(Math.Max(Shown, order.Length - Shown)), RunJson.Options);
        supernet.Run.Write(supernet.Run.File("ranking.csv"), RankedRow.Csv(order));
        supernet.Run.Write(supernet.Run.File("ranking.json"), ranking.Report.ToJsonString(RunJson.Options) + "\n");
        return ranking.Report;
    }

    /// <summary>Ranks a selection with an opened supernet, and writes nothing but scores.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static MeasuredRanking Measure(SupernetEvaluation supernet, RankingSelection selection, RankingOptions options, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(supernet);
        ArgumentNullException.ThrowIfNull(selection);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        long started = context.Clock.GetTimestamp();
        ScreenedScores scores = SuccessiveScreening.Score(supernet, selection, ScreeningPlan.Of(options.Screen), options.Seed, context);
        Cost[] costs = [.. selection.Architectures.Select(architecture => supernet.Family.Cost(supernet.NetworkOptions, architecture))];
        JsonObject report = Compare(supernet, selection, scores.Standings, costs, options);
        report["architectures"] = scores.Standings.Length;
        report["unique"] = options.Unique;
        report["min_truth"] = options.MinTruth;
        report["evaluated"] = supernet.Evaluated;
        report["images"] = supernet.Images;
        if (scores.Effect is { } effect) report["screening"] = JsonSerializer.SerializeToNode(effect, RunJson.Options);
        report["ranking_part"] = supernet.RankingPart;
        report["protocol"] = supernet.Options.Protocol.ToString().ToLowerInvariant();
        report["method"] = supernet.Options.Method;
        report["precision"] = PrecisionResolver.NameOf(supernet.Options.Precision);
        report["data_set"] = supernet.DataSet;
        report["truth_column"] = selection.TruthColumn;
        report["seed"] = options.Seed;
        report["seconds"] = context.Clock.GetElapsedTime(started).TotalSeconds;
        report["run"] = supernet.Run.Path;
        return new MeasuredRanking(report, Rows(supernet.Family.Space, selection, scores, costs));
    }

    private static JsonObject Compare(SupernetEvaluation supernet, RankingSelection selection, ImmutableArray<double> predicted, Cost[] costs, RankingOptions options)
    {
        if (selection.Truths is not { } truths) return [];
        Cost[] liveCosts = [.. selection.Architectures.Select(architecture => supernet.Family.LiveCost(supernet.NetworkOptions, architecture))];
        RankedArchitecture[] ranked = [.. selection.Architectures.Select((architecture, i) => new RankedArchitecture(architecture, predicted[i], truths[i]))];
        var controls = new Dictionary<string, IReadOnlyList<double>>
        {
            ["params"] = [.. costs.Select(cost => (double)cost.Parameters)],
            ["macs"] = [.. costs.Select(cost => (double)cost.MultiplyAdds)],
            ["live_params"] = [.. liveCosts.Select(cost => (double)cost.Parameters)],
            ["live_macs"] = [.. liveCosts.Select(cost => (double)cost.MultiplyAdds)],
        };
        var report = RankingReport.Compute(supernet.Family.Space, ranked, controls, options.Seed, TopSizes.Parse(options.TopK).Of(predicted.Length));
        return JsonSerializer.SerializeToNode(report, RunJson.Options)!.AsObject();
    }

    // Only a screened ranking needs to say on how many images an accuracy is.
    private static ImmutableArray<RankedRow> Rows(SearchSpace space, RankingSelection selection, ScreenedScores scores, Cost[] costs) =>
    [
        .. selection.Architectures.Select((architecture, i) => new RankedRow(
            space.Format(architecture), scores.Accuracies[i], costs[i].Parameters, costs[i].MultiplyAdds, selection.Truths?[i], scores.Effect is null ? null : scores.Images[i])
        {
            Standing = scores.Standings[i],
        }),
    ];
}
