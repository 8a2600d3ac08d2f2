using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PandaNas.Experiments.Comparisons;

/// <summary>One trained and ranked run of a comparison, as its files tell.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Passes">Forward-backward passes of its training.</param>
/// <param name="Measures">Its measures by name, without those that are not defined.</param>
/// <param name="Controls">For every control its measures by name.</param>
/// <param name="Predictions">The predicted accuracy of every architecture.</param>
internal sealed record RankedRun(
    string Method,
    long Seed,
    long Passes,
    ImmutableSortedDictionary<string, double> Measures,
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Controls,
    ImmutableArray<double> Predictions)
{
    private const string TauKey = "kendall_tau";
    private const string PassesKey = "passes";

    private static readonly string[] Plain =
        ["training_seconds", "validation_accuracy", TauKey, "spearman", "precision_at_top5", "regret_top1", "regret_top10"];

    private static readonly string[] Parts = ["kendall_tau_accurate", "kendall_tau_unique"];

    private static readonly (string Key, string Measure)[] AtK =
        [("best", "br_at_{0}"), ("worst", "wr_at_{0}"), ("precision", "precision_at_{0}"), (TauKey, "kendall_tau_at_{0}"), ("regret", "regret_at_{0}")];

    /// <summary>Adds to a ranking's report what the training of its supernet cost and gave.</summary>
    public static void AddTraining(JsonObject report, double seconds, long passes, double validationAccuracy) =>
        (report["training_seconds"], report[PassesKey], report["validation_accuracy"]) = (seconds, passes, validationAccuracy);

    /// <summary>Reads the report and the predictions of a ranking.</summary>
    /// <exception cref="BadDataException">A file is missing or damaged.</exception>
    public static RankedRun Read(string method, long seed, string reportPath, string predictionsPath)
    {
        string path = reportPath;
        try
        {
            JsonObject report = JsonNode.Parse(File.ReadAllText(reportPath)) as JsonObject ?? throw new JsonException("it is not a JSON object");
            long passes = report[PassesKey]?.GetValue<long>() ?? throw new JsonException($"it has no '{PassesKey}'");
            path = predictionsPath;
            ImmutableArray<double> predictions =
                [.. File.ReadLines(predictionsPath).Skip(1).Select(line => double.Parse(line.Split(',')[1], NumberStyles.Float, CultureInfo.InvariantCulture))];
            return new RankedRun(method, seed, passes, MeasuresOf(report), ControlsOf(report), predictions);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or InvalidOperationException or FormatException or IndexOutOfRangeException)
        {
            throw new BadDataException($"cannot use '{path}': {error.Message.TrimEnd('.')}. Delete '{reportPath}'; the ranking will be made anew from the run's scores.", error);
        }
    }

    private static ImmutableSortedDictionary<string, double> MeasuresOf(JsonObject report)
    {
        var measures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (string key in Plain) Add(measures, key, report[key]);
        foreach (string key in Parts) Add(measures, key, report[key]?[TauKey]);
        foreach (JsonNode? top in report["at_k"] as JsonArray ?? [])
            foreach ((string key, string measure) in AtK)
                Add(measures, measure.Replace("{0}", top!["k"]!.ToString(), StringComparison.Ordinal), top[key]);
        return measures.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> ControlsOf(JsonObject report)
    {
        var controls = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, double>>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? control) in report["controls"] as JsonObject ?? []) controls.Add(name, MeasuresOf(control!.AsObject()));
        return controls.ToImmutable();
    }

    private static void Add(ImmutableSortedDictionary<string, double>.Builder measures, string name, JsonNode? value)
    {
        if (value is not null) measures.Add(name, value.GetValue<double>());
    }
}
