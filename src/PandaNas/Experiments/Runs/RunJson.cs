using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Runs;

/// <summary>How results are written as JSON: snake_case keys, plain text.</summary>
internal static class RunJson
{
    private const int LargestFile = 1 << 26;

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
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { RequireWhole } },
            Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
            Converters = { new JsonStringEnumConverter(JsonNamingPolicy.KebabCaseLower), new IntervalConverter(), new InliningConverter() },
        };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    /// <summary>The object that a text is, with every key once.</summary>
    /// <exception cref="JsonException">It is no JSON object, nests too deep, or has a key twice.</exception>
    public static JsonObject ParseObject(string text) =>
        JsonNode.Parse(text, documentOptions: new JsonDocumentOptions { AllowDuplicateProperties = false }) as JsonObject
            ?? throw new JsonException("it is no JSON object");

    /// <summary>Reads a JSON object of a run.</summary>
    /// <param name="path">The file.</param>
    /// <param name="remedy">What to do when it cannot be read: a sentence.</param>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="JsonException">It is no JSON object, nests too deep, or has a key twice.</exception>
    internal static JsonObject ReadObject(string path, string remedy) => ParseObject(ReadText(path, remedy));

    /// <summary>A result that a run keeps as plain JSON; null where there is none yet.</summary>
    /// <exception cref="BadDataException">The file is damaged.</exception>
    internal static T? ReadResult<T>(string path) where T : class
    {
        const string Remedy = "Delete it; running the command again makes it anew.";
        if (!Path.Exists(path)) return null;
        try
        {
            return ReadObject(path, Remedy).Deserialize<T>(Options) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw new BadDataException($"cannot use '{path}': {error.Message.TrimEnd('.')}. {Remedy}", error);
        }
    }

    private static string ReadText(string path, string remedy) =>
        InputFile.ReadText(path, new FileKind("a JSON file of a run", LargestFile, remedy));

    // What is stored is whole or refused: only what may be null can be left out.
    private static void RequireWhole(JsonTypeInfo type)
    {
        foreach (JsonPropertyInfo property in type.Properties)
            if (property.AssociatedParameter is { IsNullable: false, HasDefaultValue: false }) property.IsRequired = true;
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
