using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;

namespace PandaNas.Experiments.Stages;

/// <summary>An architecture that a ranking or a search scored.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">With the supernet's weights on the ranking images, in [0, 1].</param>
/// <param name="Parameters">Parameters of the plain network.</param>
/// <param name="MultiplyAdds">Multiply-adds of the plain network for one image.</param>
public sealed record ScoredArchitecture(
    string Architecture,
    double Accuracy,
    [property: JsonPropertyName("params")] long Parameters,
    [property: JsonPropertyName("macs")] long MultiplyAdds)
{
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

    /// <summary>A ranking as CSV: one line per architecture, in the order given.</summary>
    /// <param name="architectures">At least one.</param>
    internal static string Csv(IReadOnlyList<ScoredArchitecture> architectures)
    {
        var text = new StringBuilder("architecture,accuracy,params,macs");
        text.Append(architectures[0].Truth is null ? "" : ",truth").Append(architectures[0].Images is null ? "\n" : ",images\n");
        foreach (ScoredArchitecture one in architectures)
        {
            text.Append(PandaNas.Ranking.Csv.Cell(one.Architecture));
            text.Append(CultureInfo.InvariantCulture, $",{one.Accuracy:R},{one.Parameters},{one.MultiplyAdds}");
            if (one.Truth is { } truth) text.Append(CultureInfo.InvariantCulture, $",{truth:R}");
            if (one.Images is { } images) text.Append(CultureInfo.InvariantCulture, $",{images}");
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
        (int truth, int images) = (Array.IndexOf(columns, "truth"), Array.IndexOf(columns, "images"));
        return [.. lines.Skip(1).Select((line, i) => Read(line) ?? throw new BadDataException(
            $"'{path}', line {i + 2}: expected '{lines[0]}', "
            + $"found '{Excerpt.Of(line, Excerpt.OfLine)}'. {TableKind.Remedy}"))];

        ScoredArchitecture? Read(string line)
        {
            if (PandaNas.Ranking.Csv.Split(line) is not { } cells || cells.Count != columns.Length || columns.Length < 4) return null;
            return Number(cells[1]) is { } accuracy && Number(cells[2]) is { } parameters && Number(cells[3]) is { } multiplyAdds
                && (truth < 0 || Number(cells[truth]) is not null) && (images < 0 || Number(cells[images]) is not null)
                ? new ScoredArchitecture(cells[0], accuracy, (long)parameters, (long)multiplyAdds)
                {
                    Truth = truth < 0 ? null : Number(cells[truth]),
                    Images = images < 0 ? null : (int?)Number(cells[images]),
                }
                : null;
        }
    }

    private static double? Number(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) && double.IsFinite(value) ? value : null;
}
