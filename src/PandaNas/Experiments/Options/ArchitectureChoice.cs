using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace PandaNas.Experiments.Options;

/// <summary>Which architectures: all of a space, a number of random ones, or those of a file with one per line.</summary>
[JsonConverter(typeof(AsText))]
public sealed record ArchitectureChoice
{
    private const string AllText = "all";

    private ArchitectureChoice(string text) => Text = text;

    /// <summary>All architectures of the space.</summary>
    public static ArchitectureChoice All { get; } = new(AllText);

    /// <summary>As options write it: <c>all</c>, a number, or the absolute path of a file.</summary>
    internal string Text { get; }

    /// <summary>So many random architectures.</summary>
    public static implicit operator ArchitectureChoice(int count) => new(count.ToString(CultureInfo.InvariantCulture));

    /// <summary>What a text means.</summary>
    public static implicit operator ArchitectureChoice(string text) => Parse(text);

    /// <summary>
    /// Reads <c>all</c>, a number or the path of a file, which is made absolute: it must not depend on where somebody stood.
    /// </summary>
    public static ArchitectureChoice Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new(text.Length == 0 || text == AllText || Number(text) is not null ? text : Path.GetFullPath(text));
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Text;

    /// <summary>How many random ones; null where it means something else.</summary>
    internal int? Count => Number(Text);

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count) ? count : null;

    private sealed class AsText : JsonConverter<ArchitectureChoice>
    {
        public override ArchitectureChoice Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            Parse(reader.GetString() ?? "");

        public override void Write(Utf8JsonWriter writer, ArchitectureChoice value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Text);
    }
}
