using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;
using PandaNas.Ranking;

namespace PandaNas.Experiments.Stages;

/// <summary>An architecture of a ranking.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">With the supernet's weights, in [0, 1].</param>
/// <param name="Params">Parameters of the plain network.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
/// <param name="Truth">True accuracy in percent; left out without a truth.</param>
/// <param name="Images">On how many images the accuracy is; left out where it is the same for all.</param>
public sealed record RankedRow(
    string Architecture, double Accuracy, long Params, long Macs,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? Truth,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] int? Images)
{
    /// <summary>What it is ordered by: the accuracy, and with screening the stage that it came to before that.</summary>
    [JsonIgnore]
    public double Standing { get; init; } = Accuracy;

    /// <summary>One line an architecture, in the order given.</summary>
    /// <param name="rows">At least one.</param>
    public static string Csv(IReadOnlyList<RankedRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var text = new StringBuilder("architecture,accuracy,params,macs");
        text.Append(rows[0].Truth is null ? "" : ",truth").Append(rows[0].Images is null ? "\n" : ",images\n");
        foreach (RankedRow row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{CsvCell.Of(row.Architecture)},{row.Accuracy:R},{row.Params},{row.Macs}");
            if (row.Truth is { } truth) text.Append(CultureInfo.InvariantCulture, $",{truth:R}");
            if (row.Images is { } images) text.Append(CultureInfo.InvariantCulture, $",{images}");
            text.Append('\n');
        }
        return text.ToString();
    }
}
