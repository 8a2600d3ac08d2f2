using System.Globalization;
using System.Text;
using System.Text.Json.Serialization;

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
}
