using System.Collections.Immutable;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>Files that define a space.</summary>
internal static class SpaceFile
{
    private static readonly FileKind Kind = new("a YAML file that defines a space", 1 << 16, "See docs/spaces.md.");
    private static readonly string[] Extensions = [".yaml", ".yml"];
    private static readonly EmbeddedFiles BuiltIn = new("PandaNas.Spaces.");

    /// <summary>The names of the spaces that files inside the library define.</summary>
    public static ImmutableArray<string> BuiltInNames => BuiltIn.Names;

    /// <summary>The space of such a name.</summary>
    public static NamedSpace ReadBuiltIn(string name)
    {
        string text = BuiltIn.Read(name);
        return new NamedSpace(name, SpaceReader.Read(text, $"space {name}"), text);
    }

    /// <summary>Whether a text that names a space is the path of such a file.</summary>
    public static bool IsPath(string text) => Extensions.Contains(Path.GetExtension(text), StringComparer.OrdinalIgnoreCase);

    /// <summary>The space that a file defines.</summary>
    /// <exception cref="BadDataException">
    /// The file is missing or unreadable, or does not define a space; the message names file, line, and what was expected.
    /// </exception>
    public static NamedSpace Read(string path)
    {
        string text = InputFile.ReadText(path, Kind);
        return new NamedSpace(path, SpaceReader.Read(text, path), text);
    }
}
