using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Runtime.Files;

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
    private const int LargestFile = 1 << 26;
    private const string TauKey = "kendall_tau";
    private const string PassesKey = "passes";
    private const string PredictionsKey = "predictions_sha256";

    private static readonly string[] Plain =
        ["training_seconds", "validation_accuracy", TauKey, "spearman", "precision_at_top5", "regret_top1", "regret_top10"];

    private static readonly string[] Parts = ["kendall_tau_accurate", "kendall_tau_unique"];

    private static readonly (string Key, string Measure)[] AtK =
        [("best", "br_at_{0}"), ("worst", "wr_at_{0}"), ("precision", "precision_at_{0}"), (TauKey, "kendall_tau_at_{0}"), ("regret", "regret_at_{0}")];

    /// <summary>Adds to a ranking's report what the training of its supernet cost and gave, and the fingerprint of its predictions.</summary>
    /// <param name="report">The report.</param>
    /// <param name="predictions">The text of its file of predictions.</param>
    /// <param name="seconds">Time of the training.</param>
    /// <param name="passes">Its forward and backward passes.</param>
    /// <param name="validationAccuracy">The accuracy that it reported.</param>
    public static void AddTraining(JsonObject report, string predictions, double seconds, long passes, double validationAccuracy) =>
        (report["training_seconds"], report[PassesKey], report["validation_accuracy"], report[PredictionsKey]) =
            (seconds, passes, validationAccuracy, Hash(predictions));

    /// <summary>Reads the report and the predictions of a ranking.</summary>
    /// <param name="method">The run's method.</param>
    /// <param name="seed">Its seed.</param>
    /// <param name="reportPath">The report, as JSON.</param>
    /// <param name="predictionsPath">The predictions, as CSV.</param>
    /// <param name="architectures">What was ranked, in order, as the space writes it.</param>
    /// <exception cref="BadDataException">A file is missing or damaged, or the predictions are of other architectures.</exception>
    public static RankedRun Read(string method, long seed, string reportPath, string predictionsPath, IReadOnlyList<string> architectures)
    {
        string path = reportPath, remedy = $"Delete '{reportPath}'; the ranking will be made anew from the run's scores.";
        try
        {
            JsonObject report = SealedRecord.Read(reportPath, remedy);
            long passes = report[PassesKey]?.GetValue<long>() ?? throw new JsonException($"it has no '{PassesKey}'");
            var run = new RankedRun(method, seed, passes, MeasuresOf(report), ControlsOf(report), []);
            string expected = report[PredictionsKey]?.GetValue<string>() ?? throw new JsonException($"it has no '{PredictionsKey}'");
            path = predictionsPath;
            string predictions = InputFile.ReadText(predictionsPath, new FileKind("predictions as CSV", LargestFile, remedy) { MayBeEmpty = true });
            if (Hash(predictions) != expected) throw new FormatException("it is not the one that was written with the report");
            return run with { Predictions = ReadPredictions(predictions, architectures) };
        }
        // Of another type than expected a JSON node throws InvalidOperationException, with a key twice ArgumentException.
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BadDataException($"cannot use '{path}': {error.Message.TrimEnd('.')}. {remedy}", error);
        }
    }

    private static string Hash(string csv) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(csv)));

    private static ImmutableArray<double> ReadPredictions(string csv, IReadOnlyList<string> architectures)
    {
        string[] lines = csv.TrimEnd('\n').Split('\n');
        if (lines.Length != architectures.Count + 1) throw new FormatException($"it has {lines.Length} line(s), expected a header and {architectures.Count} architectures");
        return [.. architectures.Select((architecture, i) => ReadPrediction(lines[i + 1], i + 2, architecture))];
    }

    private static double ReadPrediction(string line, int number, string architecture)
    {
        List<string> cells = CsvLine.Split(line) ?? [];
        if (cells.Count < 2 || cells[0] != architecture) throw new FormatException($"line {number} is not that of {architecture}");
        return double.TryParse(cells[1], NumberStyles.Float, CultureInfo.InvariantCulture, out double prediction) && double.IsFinite(prediction)
            ? prediction
            : throw new FormatException($"line {number} has '{cells[1]}' where an accuracy is expected");
    }

    private static ImmutableSortedDictionary<string, double> MeasuresOf(JsonObject report)
    {
        var measures = ImmutableSortedDictionary.CreateBuilder<string, double>(StringComparer.Ordinal);
        foreach (string key in Plain) Add(measures, key, report[key]);
        foreach (string key in Parts) Add(measures, key, report[key]?[TauKey]);
        foreach (JsonNode? top in report["at_k"]?.AsArray() ?? [])
        {
            JsonNode k = top?["k"] ?? throw new JsonException("an entry of 'at_k' has no 'k'");
            foreach ((string key, string measure) in AtK) Add(measures, measure.Replace("{0}", k.ToString(), StringComparison.Ordinal), top[key]);
        }
        return measures.ToImmutable();
    }

    private static ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> ControlsOf(JsonObject report)
    {
        var controls = ImmutableSortedDictionary.CreateBuilder<string, ImmutableSortedDictionary<string, double>>(StringComparer.Ordinal);
        foreach ((string name, JsonNode? control) in report["controls"]?.AsObject() ?? [])
            controls.Add(name, MeasuresOf(control?.AsObject() ?? throw new JsonException($"the control '{name}' is empty")));
        return controls.ToImmutable();
    }

    private static void Add(ImmutableSortedDictionary<string, double>.Builder measures, string name, JsonNode? value)
    {
        if (value is not null) measures.Add(name, value.GetValue<double>());
    }
}
