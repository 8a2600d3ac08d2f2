using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Scoring;

/// <summary>An architecture that a ranking or a search scored.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">With the supernet's weights on the ranking images, in [0, 1]; null where the ranker takes none.</param>
/// <param name="Parameters">Parameters of the plain network.</param>
/// <param name="MultiplyAdds">Multiply-adds of the plain network for one image.</param>
public sealed record ScoredArchitecture(
    string Architecture,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Accuracy,
    [property: JsonPropertyName("params")] long Parameters,
    [property: JsonPropertyName("macs")] long MultiplyAdds)
{
    private const string AccuracyColumn = "accuracy", ParametersColumn = "params", MultiplyAddsColumn = "macs";
    private const string TruthColumn = "truth", ImagesColumn = "images";

    /// <summary>The column of what a ranker other than the accuracy orders by.</summary>
    internal const string ScoreColumn = "score";

    private static readonly FileKind TableKind = new("a ranking as CSV", 1 << 28, "Delete it and rank again.");

    /// <summary>Milliseconds for one batch, by a latency table; null without one.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? LatencyMs { get; init; }

    /// <summary>True accuracy in percent; null without a truth.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Truth { get; init; }

    /// <summary>On how many images the accuracy is, where screening made that differ; null otherwise.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? Images { get; init; }

    /// <summary>What a ranker other than the accuracy orders by, in (0, 1]; null where the accuracy orders.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? Score { get; init; }

    /// <summary>
    /// The scores of which that ranker is made, by name, but for the accuracy, null where one is not finite; null where the accuracy
    /// orders.
    /// </summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ImmutableSortedDictionary<string, double?>? Scores { get; init; }

    /// <summary>Whether rankings have a column of that name, whatever orders them.</summary>
    internal static bool HasColumn(string name) =>
        name is "architecture" or AccuracyColumn or ParametersColumn or MultiplyAddsColumn or TruthColumn or ImagesColumn or ScoreColumn;

    /// <summary>A ranking as CSV: one line per architecture, in the order given.</summary>
    /// <param name="architectures">At least one.</param>
    internal static string Csv(IReadOnlyList<ScoredArchitecture> architectures)
    {
        ScoredArchitecture first = architectures[0];
        var text = new StringBuilder("architecture");
        text.Append(first.Accuracy is null ? "" : $",{AccuracyColumn}").Append($",{ParametersColumn},{MultiplyAddsColumn}");
        string[] scores = [.. first.Scores?.Keys ?? []];
        text.Append(first.Truth is null ? "" : $",{TruthColumn}").Append(first.Images is null ? "" : $",{ImagesColumn}");
        text.Append(first.Score is null ? "" : $",{ScoreColumn}").AppendJoin("", scores.Select(name => $",{name}")).Append('\n');
        foreach (ScoredArchitecture one in architectures)
        {
            text.Append(PandaNas.Ranking.Csv.Cell(one.Architecture));
            if (one.Accuracy is { } accuracy) text.Append(CultureInfo.InvariantCulture, $",{accuracy:R}");
            text.Append(CultureInfo.InvariantCulture, $",{one.Parameters},{one.MultiplyAdds}");
            if (one.Truth is { } truth) text.Append(CultureInfo.InvariantCulture, $",{truth:R}");
            if (one.Images is { } images) text.Append(CultureInfo.InvariantCulture, $",{images}");
            if (one.Score is { } score) text.Append(CultureInfo.InvariantCulture, $",{score:R}");
            foreach (string name in scores) text.Append(CultureInfo.InvariantCulture, $",{one.Scores![name]:R}");
            text.Append('\n');
        }
        return text.ToString();
    }

    /// <summary>Reads a ranking that <see cref="Csv"/> wrote.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    internal static ImmutableArray<ScoredArchitecture> ReadCsv(string path)
    {
        string[] lines = InputFile.ReadText(path, TableKind).TrimEnd('\n').Split('\n');
        string[] columns = lines[0].Split(',');
        bool hasScores = columns.Contains(ScoreColumn);
        return [.. lines.Skip(1).Select((line, i) => Read(line) ?? throw new BadDataException(
            $"'{path}', line {i + 2}: expected '{lines[0]}', "
            + $"found '{Excerpt.Of(line, Excerpt.OfLine)}'. {TableKind.Remedy}"))];

        ScoredArchitecture? Read(string line)
        {
            if (PandaNas.Ranking.Csv.Split(line) is not { } cells || cells.Count != columns.Length) return null;
            var more = new SortedDictionary<string, double?>(StringComparer.Ordinal);
            for (int column = 1; column < columns.Length; column++)
            {
                // Only a score of which a ranker is made may be left out.
                bool mayLack = hasScores && !HasColumn(columns[column]);
                if (Number(cells[column]) is { } value) more[columns[column]] = value;
                else if (mayLack && cells[column].Length == 0) more[columns[column]] = null;
                else return null;
            }
            double? accuracy = Take(AccuracyColumn);
            if (Take(ParametersColumn) is not { } parameters || Take(MultiplyAddsColumn) is not { } multiplyAdds) return null;
            // What orders.
            if (accuracy is null && !hasScores) return null;
            (double? truth, double? images, double? score) = (Take(TruthColumn), Take(ImagesColumn), Take(ScoreColumn));
            return new ScoredArchitecture(cells[0], accuracy, (long)parameters, (long)multiplyAdds)
            {
                Truth = truth,
                Images = (int?)images,
                Score = score,
                Scores = hasScores ? more.ToImmutableSortedDictionary(StringComparer.Ordinal) : null,
            };

            double? Take(string column) => more.Remove(column, out double? value) ? value : null;
        }
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
