using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using PandaNas.Runtime.Files;

namespace PandaNas.Latency;

/// <summary>A latency table as a JSON file.</summary>
internal static class LatencyTableFile
{
    private const string Format = "panda-latency-table";
    private const int Version = 1;
    // A table of the largest space has some thousand lines.
    private static readonly FileKind Kind = new("a latency table", 16 << 20, $"Make one{Mention.How(Step.MeasureTable)}.");
    private const double RoundingOfErrors = 1e-9;

    private static readonly JsonSerializerOptions Json = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        AllowDuplicateProperties = false,
    };

    /// <summary>The file's text.</summary>
    public static string Write(LatencyTable table)
    {
        var content = new Content(
            Format, Version, new Dictionary<string, string>(table.Conditions.Facts), table.Protocol, table.MedianError, table.LargestError,
            table.ConstantMs, new SortedDictionary<string, double>(table.Factors, StringComparer.Ordinal),
            [.. table.Layers], [.. table.HeldOut]);
        return JsonSerializer.Serialize(content, Json) + "\n";
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="BadDataException">It is missing, damaged, or of another version.</exception>
    public static LatencyTable Read(string path)
    {
        try
        {
            return Parse(InputFile.ReadText(path, Kind));
        }
        catch (Exception error) when (error is JsonException or ArgumentException or NotSupportedException)
        {
            throw new BadDataException(
                $"'{path}' is no latency table: {error.Message.TrimEnd('.')}. Make one{Mention.How(Step.MeasureTable)}", error);
        }
    }

    /// <summary>Reads a file's text.</summary>
    /// <exception cref="JsonException">It is no latency table, of another version, or contradicts itself.</exception>
    internal static LatencyTable Parse(string text)
    {
        CheckVersion(text);
        Content content = JsonSerializer.Deserialize<Content>(text, Json) ?? throw new JsonException("it is empty");
        content.Conditions.TryAdd(LatencyConditions.Formerly.Key, LatencyConditions.Formerly.Value);
        if (!content.Conditions.Keys.Order(StringComparer.Ordinal).SequenceEqual(LatencyConditions.Names.Order(StringComparer.Ordinal)))
            throw new JsonException($"conditions must be exactly {string.Join(", ", LatencyConditions.Names)}");
        Require(!content.Conditions.ContainsValue(null!), "conditions must have values");
        CheckNumbers(content);
        var conditions =
            new LatencyConditions([.. LatencyConditions.Names.Select(name => KeyValuePair.Create(name, content.Conditions[name]))]);
        var table = new LatencyTable(
            conditions, content.Protocol, content.ConstantMs, content.Factors.ToImmutableSortedDictionary(StringComparer.Ordinal),
            [.. content.Layers], [.. content.HeldOut]);
        Require(Math.Abs(table.MedianError - content.MedianError) <= RoundingOfErrors, "median_error is not that of held_out");
        Require(Math.Abs(table.LargestError - content.LargestError) <= RoundingOfErrors, "largest_error is not that of held_out");
        return table;
    }

    // Before the rest, which another version may write otherwise.
    private static void CheckVersion(string text)
    {
        using JsonDocument document = JsonDocument.Parse(text);
        JsonElement root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out JsonElement format)
            || format.ValueKind != JsonValueKind.String || format.GetString() != Format)
            throw new JsonException($"it does not say \"format\": \"{Format}\"");
        if (!root.TryGetProperty("version", out JsonElement version) || version.ValueKind != JsonValueKind.Number
            || !version.TryGetInt32(out int number) || number != Version)
            throw new JsonException($"this program reads version {Version}");
    }

    private static void CheckNumbers(Content content)
    {
        Require(content.Layers.Length > 0, "layers is empty");
        Require(content.HeldOut.Length > 0, "held_out is empty");
        Require(IsTime(content.ConstantMs), "constant_ms is not a time");
        Require(content.Factors.Values.All(IsTime), "factors must be at least 0");
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (LayerLatency layer in content.Layers)
        {
            Require(
                layer is not null && IsTime(layer.AloneMs) && IsTime(layer.Ms), $"the times of layer '{layer?.Layer}' must be at least 0");
            Require(names.Add(layer!.Layer), $"layer '{layer.Layer}' is there twice");
        }
        foreach (HeldOutLatency one in content.HeldOut)
            Require(
                one is { MeasuredMs: > 0 } && IsTime(one.MeasuredMs) && IsTime(one.PredictedMs),
                $"the times of '{one?.Architecture}' must be above 0");
    }

    private static bool IsTime(double value) => value >= 0 && double.IsFinite(value);

    private static void Require(bool holds, string otherwise)
    {
        if (!holds) throw new JsonException(otherwise);
    }

    private sealed record Content(
        string Format, int Version, Dictionary<string, string> Conditions, LatencyProtocol Protocol,
        double MedianError, double LargestError, double ConstantMs,
        SortedDictionary<string, double> Factors, LayerLatency[] Layers, HeldOutLatency[] HeldOut);
}
