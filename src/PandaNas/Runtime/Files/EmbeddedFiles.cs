using System.Collections.Immutable;
using System.Text;

namespace PandaNas.Runtime.Files;

/// <summary>YAML files inside the library, and its font.</summary>
/// <param name="prefix">What their resources' names begin with.</param>
internal sealed class EmbeddedFiles(string prefix)
{
    private const string Suffix = ".yaml";

    /// <summary>Their names, without prefix and extension, in order.</summary>
    public ImmutableArray<string> Names { get; } =
    [
        .. typeof(EmbeddedFiles).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(prefix, StringComparison.Ordinal))
            .Select(name => name[prefix.Length..^Suffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The font of pictures, since neither a machine nor SkiaSharp need have one: DejaVu Sans as a TrueType file.</summary>
    public static Stream OpenFont() => typeof(EmbeddedFiles).Assembly.GetManifestResourceStream("PandaNas.DejaVuSans.ttf")!;

    /// <summary>The text of the file of that name, which must be one of them.</summary>
    public string Read(string name)
    {
        Stream stream = typeof(EmbeddedFiles).Assembly.GetManifestResourceStream(prefix + name + Suffix)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
