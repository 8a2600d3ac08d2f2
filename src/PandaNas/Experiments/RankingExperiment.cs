using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Ranking;
using PandaNas.Spaces;

namespace PandaNas.Experiments;

/// <summary>A measured ranking, as it is written.</summary>
/// <param name="Report">Statistics, and how they came about.</param>
/// <param name="Csv">One line an architecture.</param>
public sealed record MeasuredRanking(JsonObject Report, string Csv);

/// <summary>Ranks architectures by their accuracy with a supernet's weights, and measures the ranking against a truth.</summary>
public static class RankingExperiment
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "rank architectures";

    /// <summary>Ranks; results land in the run's <c>ranking.csv</c> and <c>ranking.json</c>.</summary>
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
        supernet.Run.Write(supernet.Run.File("ranking.csv"), ranking.Csv);
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
        report["precision"] = supernet.Options.Precision.ToString().ToLowerInvariant();
        report["data_set"] = supernet.DataSet;
        report["truth_column"] = selection.TruthColumn;
        report["seed"] = options.Seed;
        report["seconds"] = context.Clock.GetElapsedTime(started).TotalSeconds;
        report["run"] = supernet.Run.Path;
        return new MeasuredRanking(report, Csv(supernet.Family.Space, selection, scores, costs));
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
    private static string Csv(SearchSpace space, RankingSelection selection, ScreenedScores scores, Cost[] costs)
    {
        var text = new StringBuilder("architecture,accuracy,params,macs");
        text.Append(selection.Truths is null ? "" : ",truth").Append(scores.Effect is null ? "\n" : ",images\n");
        for (int i = 0; i < costs.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{CsvCell.Of(space.Format(selection.Architectures[i]))},{scores.Accuracies[i]:R},{costs[i].Parameters},{costs[i].MultiplyAdds}");
            if (selection.Truths is { } truths) text.Append(CultureInfo.InvariantCulture, $",{truths[i]:R}");
            if (scores.Effect is not null) text.Append(CultureInfo.InvariantCulture, $",{scores.Images[i]}");
            text.Append('\n');
        }
        return text.ToString();
    }
}
