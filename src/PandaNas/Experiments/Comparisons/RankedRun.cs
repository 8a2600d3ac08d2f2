using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Comparisons;

/// <summary>The file of a run of a comparison: its ranking, and what the training of the supernet cost and gave.</summary>
internal sealed record RankedRunReport
{
    /// <summary>The ranking.</summary>
    [JsonInline]
    public required RankingResult Ranking { get; init; }

    /// <summary>Time of the training.</summary>
    public required double TrainingSeconds { get; init; }

    /// <summary>Its forward and backward passes.</summary>
    public required long Passes { get; init; }

    /// <summary>The accuracy that it reported.</summary>
    public required double? ValidationAccuracy { get; init; }

    /// <summary>The fingerprint of the file of predictions.</summary>
    public required string PredictionsSha256 { get; init; }

    /// <summary>Every measure with its value.</summary>
    public IEnumerable<(Measure Measure, double? Value)> Measures() =>
        [(Measure.TrainingSeconds, TrainingSeconds), (Measure.ValidationAccuracy, ValidationAccuracy), .. Ranking.Quality?.Measures ?? []];
}

/// <summary>One trained and ranked run of a comparison, as its files tell.</summary>
/// <param name="Method">Its method.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Passes">Forward-backward passes of its training.</param>
/// <param name="Measures">Its measures by name, without those that are not defined.</param>
/// <param name="Controls">For every control its measures by name.</param>
/// <param name="Predictions">What every architecture is ordered by: its predicted accuracy unless a ranker says otherwise.</param>
internal sealed record RankedRun(
    string Method,
    long Seed,
    long Passes,
    ImmutableSortedDictionary<string, double> Measures,
    ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>> Controls,
    ImmutableArray<double> Predictions)
{
    private const int LargestFile = 1 << 26;

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
            RankedRunReport report = SealedRecord.Read<RankedRunReport>(reportPath, remedy);
            var run = new RankedRun(
                method, seed, report.Passes, Defined(report.Measures()),
                report.Ranking.Quality?.Controls.ToImmutableSortedDictionary(
                    control => control.Key, control => Defined(control.Value.Measures), StringComparer.Ordinal)
                    ?? ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>>.Empty,
                []);
            path = predictionsPath;
            string predictions = InputFile.ReadText(
                predictionsPath, new FileKind("predictions as CSV", LargestFile, remedy) { MayBeEmpty = true });
            if (Hash(predictions) != report.PredictionsSha256)
                throw new FormatException("it is not the one that was written with the report");
            return run with { Predictions = ReadPredictions(predictions, architectures) };
        }
        // A measure that is there twice throws ArgumentException.
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            throw new BadDataException($"cannot use '{path}': {error.Message.TrimEnd('.')}. {remedy}", error);
        }
    }

    /// <summary>The fingerprint of a file of predictions.</summary>
    public static string Hash(string csv) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(csv)));

    private static ImmutableArray<double> ReadPredictions(string csv, IReadOnlyList<string> architectures)
    {
        string[] lines = csv.TrimEnd('\n').Split('\n');
        if (lines.Length != architectures.Count + 1)
            throw new FormatException($"it has {lines.Length} line(s), expected a header and {architectures.Count} architectures");
        // What ordered: the accuracy unless a ranker gave something else.
        int column = Math.Max(1, Array.IndexOf(lines[0].Split(','), ScoredArchitecture.ScoreColumn));
        return [.. architectures.Select((architecture, i) => ReadPrediction(lines[i + 1], i + 2, column, architecture))];
    }

    private static double ReadPrediction(string line, int number, int column, string architecture)
    {
        List<string> cells = Csv.Split(line) ?? [];
        if (cells.Count <= column || cells[0] != architecture) throw new FormatException($"line {number} is not that of {architecture}");
        return double.TryParse(cells[column], NumberStyles.Float, CultureInfo.InvariantCulture, out double prediction)
            && double.IsFinite(prediction)
            ? prediction
            : throw new FormatException($"line {number} has '{cells[column]}' where an accuracy is expected");
    }

    private static ImmutableSortedDictionary<string, double> Defined(IEnumerable<(Measure Measure, double? Value)> measures) =>
        measures.Where(one => one.Value is not null)
            .ToImmutableSortedDictionary(one => one.Measure.Name, one => one.Value!.Value, StringComparer.Ordinal);
}
