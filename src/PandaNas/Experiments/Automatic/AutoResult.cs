using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Stages;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Automatic;

/// <summary>A network that was trained in the time, and how good it is.</summary>
/// <param name="Name">What kind of network it is, such as ResNet-like or searched.</param>
/// <param name="Training">Its training.</param>
/// <param name="Ci95">95% interval of its test accuracy, of the chance in the test images alone.</param>
/// <param name="LatencyMs">Milliseconds for one image on one thread of this machine; null where the latency is not limited.</param>
public sealed record AutoModel(
    string Name, RetrainingResult Training, Interval Ci95,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] double? LatencyMs);

/// <summary>A part of the time.</summary>
/// <param name="Name">What it is for.</param>
/// <param name="Seconds">How long.</param>
internal sealed record AutoStage(string Name, double Seconds);

/// <summary>What came out in the time.</summary>
/// <param name="Minutes">The time that was given, in minutes.</param>
/// <param name="Reasons">What was decided and why, a sentence each.</param>
/// <param name="Model">The model: of the two networks that were trained equally long the one that was better on images held out.</param>
/// <param name="Baseline">The other one.</param>
/// <param name="Difference">Test accuracy of the model minus that of the baseline, with the interval of the test images alone.</param>
/// <param name="File">The model's file, in ONNX.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Remarks">What did not go as planned, a sentence each.</param>
/// <param name="Run">The folder of everything.</param>
public sealed record AutoResult(
    double Minutes, ImmutableArray<string> Reasons, AutoModel Model, AutoModel Baseline, PairedDifference Difference, string File,
    long Bytes, [property: JsonPropertyOrder(1)] ImmutableArray<string> Remarks, [property: JsonPropertyOrder(1)] string Run)
    : IJsonOnDeserialized
{
    /// <summary>The file's name in the folder.</summary>
    internal const string FileName = "auto.json";

    /// <summary>What every stage took, in all processes that worked on it.</summary>
    [JsonInclude, JsonRequired]
    internal ImmutableArray<AutoStage> Stages { get; init; }

    /// <summary>Seconds of everything.</summary>
    [JsonPropertyOrder(1)]
    public double Seconds => Stages.Sum(stage => stage.Seconds);

    /// <summary>Refuses what the types of a file's values leave open.</summary>
    void IJsonOnDeserialized.OnDeserialized()
    {
        if (Reasons.IsDefault || Stages.IsDefault || Remarks.IsDefault)
            throw new System.Text.Json.JsonException("it lacks what was done and how long it took");
    }
}
