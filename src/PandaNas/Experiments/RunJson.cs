using System.Text.Json;
using System.Text.Json.Serialization;

namespace PandaNas.Experiments;

/// <summary>How results are written as JSON: snake_case keys, plain text.</summary>
public static class RunJson
{
    /// <summary>Several lines, for files that people read.</summary>
    public static JsonSerializerOptions Options { get; } = Make(indented: true);

    /// <summary>One line, for logs.</summary>
    public static JsonSerializerOptions Line { get; } = Make(indented: false);

    private static JsonSerializerOptions Make(bool indented)
    {
        var options = new JsonSerializerOptions
        {
            WriteIndented = indented,
            PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new IntervalConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>An interval as the pair [lower, upper].</summary>
    private sealed class IntervalConverter : JsonConverter<Statistics.Interval>
    {
        public override Statistics.Interval Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            double[] ends = JsonSerializer.Deserialize<double[]>(ref reader, options) ?? [];
            return ends.Length == 2 ? new Statistics.Interval(ends[0], ends[1]) : throw new JsonException("an interval has two ends");
        }

        public override void Write(Utf8JsonWriter writer, Statistics.Interval value, JsonSerializerOptions options)
        {
            writer.WriteStartArray();
            writer.WriteNumberValue(value.Lower);
            writer.WriteNumberValue(value.Upper);
            writer.WriteEndArray();
        }
    }
}
