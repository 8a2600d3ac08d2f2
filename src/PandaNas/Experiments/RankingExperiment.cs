using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Costs;
using PandaNas.Ranking;
using PandaNas.Runtime;
using PandaNas.Spaces;

namespace PandaNas.Experiments;

/// <summary>What is ranked, and against what.</summary>
public sealed record RankingOptions
{
    /// <summary><c>all</c>, a number of random architectures, or a file with one a line.</summary>
    public string Architectures { get; init; } = "600";

    /// <summary>How many ranking images to use; 0 is all.</summary>
    public int Images { get; init; }

    /// <summary>CSV file with an <c>architecture</c> column and stand-alone accuracies in percent; null ranks without truth.</summary>
    public string? Truth { get; init; }

    /// <summary>The truth's column; null is the one named as the data set.</summary>
    public string? TruthColumn { get; init; }

    /// <summary>Whether a column that belongs to another data set may be used.</summary>
    public bool AllowMismatch { get; init; }

    /// <summary>Decides the random architectures, the images and the bootstrap.</summary>
    public long Seed { get; init; }
}

/// <summary>Ranks architectures by their accuracy with a supernet's weights, and measures the ranking against a truth.</summary>
public static class RankingExperiment
{
    private const string Stage = "rank architectures";

    /// <summary>Ranks; results land in the run's <c>ranking.csv</c> and <c>ranking.json</c>.</summary>
    /// <param name="folder">The run of a trained supernet.</param>
    /// <param name="options">What is ranked, and against what.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <returns>The content of <c>ranking.json</c>.</returns>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static JsonObject Rank(string folder, RankingOptions options, Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        using SupernetEvaluation supernet = SupernetEvaluation.Open(folder, options.Images, options.Seed, adjust, context);
        SearchSpace space = supernet.Family.Space;
        // Truth and selection first: they can be wrong, and evaluation is long.
        TruthTable? truth = options.Truth is null ? null : ReadTruth(options, space, supernet.DataSet);
        IReadOnlyList<Architecture> architectures = ArchitectureSelection.Select(space, options.Architectures, options.Seed);
        if (truth is not null && architectures.FirstOrDefault(architecture => !truth.TryGet(architecture, out _)) is { } missing)
            throw new BadDataException($"'{options.Truth}' has no row for {space.Format(missing)}: give a table that has every architecture ranked");

        long started = context.Clock.GetTimestamp();
        double[] predicted = Score(supernet, architectures, context);
        Cost[] costs = [.. architectures.Select(architecture => supernet.Family.Cost(supernet.NetworkOptions, architecture))];
        Cost[] liveCosts = [.. architectures.Select(architecture => supernet.Family.LiveCost(supernet.NetworkOptions, architecture))];
        JsonObject report = truth is null ? [] : Compare(space, truth, architectures, predicted, costs, liveCosts, options.Seed);
        report["architectures"] = architectures.Count;
        report["evaluated"] = supernet.Evaluated;
        report["images"] = supernet.Images;
        report["ranking_part"] = supernet.RankingPart;
        report["protocol"] = supernet.Options.Protocol.ToString().ToLowerInvariant();
        report["method"] = supernet.Options.Method;
        report["data_set"] = supernet.DataSet;
        report["truth_column"] = truth?.Column;
        report["seed"] = options.Seed;
        report["seconds"] = context.Clock.GetElapsedTime(started).TotalSeconds;
        report["run"] = folder;

        AtomicFile.WriteText(supernet.Run.File("ranking.csv"), Csv(space, truth, architectures, predicted, costs));
        AtomicFile.WriteText(supernet.Run.File("ranking.json"), report.ToJsonString(RunJson.Options) + "\n");
        return report;
    }

    private static TruthTable ReadTruth(RankingOptions options, SearchSpace space, string dataSet)
    {
        string path = options.Truth!;
        try
        {
            IReadOnlyList<string> columns;
            using (StreamReader header = File.OpenText(path)) columns = TruthTable.Columns(header, path);
            string column = ChooseColumn(columns, dataSet, options);
            using StreamReader reader = File.OpenText(path);
            return TruthTable.Read(reader, path, space, column);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadDataException($"cannot read '{path}': {error.Message}", error);
        }
    }

    private static string ChooseColumn(IReadOnlyList<string> columns, string dataSet, RankingOptions options)
    {
        try
        {
            return TruthColumn.Choose(columns, dataSet, options.TruthColumn, options.AllowMismatch);
        }
        catch (BadDataException error)
        {
            throw new BadDataException($"'{options.Truth}': {error.Message}", error);
        }
    }

    private static double[] Score(SupernetEvaluation supernet, IReadOnlyList<Architecture> architectures, RunContext context)
    {
        var predicted = new double[architectures.Count];
        for (int i = 0; i < predicted.Length; i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            predicted[i] = supernet.Accuracy(architectures[i]);
            context.Report(Stage, (i + 1.0) / predicted.Length, $"{i + 1} of {predicted.Length} architectures");
        }
        return predicted;
    }

    private static JsonObject Compare(
        SearchSpace space, TruthTable truth, IReadOnlyList<Architecture> architectures, double[] predicted, Cost[] costs, Cost[] liveCosts, long seed)
    {
        RankedArchitecture[] ranked = [.. architectures.Select((architecture, i) => new RankedArchitecture(architecture, predicted[i], TruthOf(truth, architecture)))];
        var controls = new Dictionary<string, IReadOnlyList<double>>
        {
            ["params"] = [.. costs.Select(cost => (double)cost.Parameters)],
            ["macs"] = [.. costs.Select(cost => (double)cost.MultiplyAdds)],
            ["live_params"] = [.. liveCosts.Select(cost => (double)cost.Parameters)],
            ["live_macs"] = [.. liveCosts.Select(cost => (double)cost.MultiplyAdds)],
        };
        return JsonSerializer.SerializeToNode(RankingReport.Compute(space, ranked, controls, seed), RunJson.Options)!.AsObject();
    }

    private static double TruthOf(TruthTable truth, Architecture architecture) => truth.TryGet(architecture, out double value) ? value : double.NaN;

    private static string Csv(SearchSpace space, TruthTable? truth, IReadOnlyList<Architecture> architectures, double[] predicted, Cost[] costs)
    {
        var text = new StringBuilder("architecture,accuracy,params,macs").Append(truth is null ? "\n" : ",truth\n");
        for (int i = 0; i < predicted.Length; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $"{CsvCell.Of(space.Format(architectures[i]))},{predicted[i]:R},{costs[i].Parameters},{costs[i].MultiplyAdds}");
            if (truth is not null) text.Append(CultureInfo.InvariantCulture, $",{TruthOf(truth, architectures[i]):R}");
            text.Append('\n');
        }
        return text.ToString();
    }
}
