using System.Text.Json;

namespace ServeModel;

/// <summary>What the model's own texts say of it.</summary>
/// <param name="Classes">The names of the classes, in the order of the logits.</param>
/// <param name="ImageSize">Side in pixels of what the network sees.</param>
/// <param name="Channels">1 grey, 3 red, green and blue.</param>
/// <param name="Fit">crop, squash or pad; null where training saw whole squares.</param>
/// <param name="Background">Behind transparent pictures: a name of CSS, or #rrggbb.</param>
/// <param name="Preprocessing">inside or outside.</param>
/// <param name="Architecture">What the search found.</param>
/// <param name="TestAccuracy">On all test images, in [0, 1].</param>
internal sealed record ModelFacts(
    string[] Classes, int ImageSize, int Channels, string? Fit, string Background, string Preprocessing, string Architecture,
    double? TestAccuracy)
{
    private const string Key = "panda_model";
    private static readonly JsonSerializerOptions s_json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <summary>Reads them.</summary>
    /// <exception cref="InvalidDataException">There are none, or the model wants something else than pixels.</exception>
    public static ModelFacts Read(string file, IReadOnlyDictionary<string, string> texts)
    {
        ModelFacts? facts;
        try
        {
            facts = texts.TryGetValue(Key, out string? json) ? JsonSerializer.Deserialize<ModelFacts>(json, s_json) : null;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"'{file}': its text {Key} is damaged: {error.Message}", error);
        }
        if (facts?.Classes is not { Length: > 0 } || facts.Preprocessing != "inside")
            throw new InvalidDataException(
                $"'{file}' does not take pixels: make the model by 'panda export RUN --preprocessing inside'");
        return facts;
    }
}
