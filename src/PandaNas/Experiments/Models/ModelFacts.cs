using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Runs;
using PandaNas.Exporting;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Models;

/// <summary>The accuracy of an exported model in a runtime.</summary>
/// <param name="Images">On so many test images of its run, spread over all.</param>
/// <param name="Accuracy">Of the file, in [0, 1].</param>
/// <param name="AccuracyInTorch">Of the network that it was made of, in [0, 1].</param>
internal sealed record CheckedAccuracy(int Images, double Accuracy, double AccuracyInTorch);

/// <summary>What turns pixels into a class, as exported files carry it: JSON that needs nothing of the run.</summary>
/// <param name="Version">Of this document.</param>
/// <param name="Program">What wrote it.</param>
/// <param name="Classes">The names of the classes, in the order of the logits.</param>
/// <param name="ImageSize">Height and width of what the network takes, in pixels.</param>
/// <param name="Channels">1 grey, 3 red, green and blue.</param>
/// <param name="Mean">Of every channel, of values in [0, 1]: what is subtracted first.</param>
/// <param name="Deviation">Of every channel: by what is divided then.</param>
/// <param name="Fit">
/// How pictures become squares: crop (the middle square of 7/8 of the shorter side), squash, pad, or null for squares that are kept whole.
/// </param>
/// <param name="Background">What shows through transparent pictures and beside padded ones.</param>
/// <param name="Preprocessing">inside: the model scales and normalises by itself; outside: its caller does.</param>
/// <param name="Space">The space.</param>
/// <param name="SpaceDefinition">The SHA-256 of its definition; null for spaces that are written in code.</param>
/// <param name="Architecture">The architecture in the space's notation.</param>
/// <param name="Weights">retrained, or inherited from a supernet.</param>
/// <param name="TestAccuracy">Of a retrained network on the test images, in [0, 1].</param>
/// <param name="Costs">What the network costs.</param>
/// <param name="Test">The accuracy on the test images with its interval, in all and class by class.</param>
/// <param name="Origin">How the weights came about.</param>
internal sealed record ModelFacts(
    int Version, string Program, ImmutableArray<string> Classes, int ImageSize, int Channels, ImmutableArray<float> Mean,
    ImmutableArray<float> Deviation, ImageFit? Fit, string Background, Preprocessing Preprocessing, string Space,
    string? SpaceDefinition, string Architecture, string Weights, double? TestAccuracy, ModelCosts? Costs, ClassificationScore? Test,
    ModelOrigin? Origin)
{
    private const int CurrentVersion = 1;

    /// <summary>int8 where the model computes in 8 bits; null in float32.</summary>
    public string? Quantization { get; init; }

    /// <summary>How right a runtime was with the file before it was written; null where that was not tried.</summary>
    public CheckedAccuracy? Checked { get; init; }

    /// <summary>What makes pictures the network's images, and its logits classes.</summary>
    [JsonIgnore]
    public ModelInput Input => new(Classes, ImageSize, Channels, Mean, Deviation, Fit, Background);

    /// <summary>The facts of a model.</summary>
    public static ModelFacts Of(ModelCard card, bool isRetrained, Preprocessing preprocessing) => new(
        CurrentVersion, $"PandaNas {OnnxModel.Version}", card.Classes, card.Network.ImageSize, card.Network.InputChannels, card.Mean,
        [.. card.Mean.Select((_, channel) => (float)card.Input.Statistics.Divisor(channel))],
        card.Fit, card.Background, preprocessing, card.Space, card.Definition, card.Architecture,
        isRetrained ? "retrained" : "inherited", isRetrained ? card.TestAccuracy : null, card.Costs, card.Test, card.Origin);

    /// <summary>As JSON in one line.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, RunJson.Line);

    /// <summary>Reads and checks what a file carries.</summary>
    /// <param name="json">The JSON document.</param>
    /// <param name="outputs">How many logits the file's network gives.</param>
    /// <exception cref="BadDataException">It is damaged, or of another version; the message is the end of a sentence.</exception>
    public static ModelFacts Parse(string json, int outputs)
    {
        try
        {
            JsonObject record = RunJson.ParseObject(json);
            // Of a newer version the rest may be anything.
            if (record["version"] is not JsonValue version || !version.TryGetValue(out int number) || number != CurrentVersion)
                throw new BadDataException($"its version is {record["version"]}, this program reads {CurrentVersion}");
            ModelFacts facts = record.Deserialize<ModelFacts>(RunJson.Options) ?? throw new JsonException("it is empty");
            return facts.Input.Fault(outputs) is { } fault ? throw new BadDataException(fault) : facts;
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BadDataException(error.Message.TrimEnd('.'), error);
        }
    }
}
