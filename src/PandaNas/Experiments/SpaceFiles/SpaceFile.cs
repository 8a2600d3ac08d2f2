using System.Text;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>Files that define a space.</summary>
public static class SpaceFile
{
    private static readonly string[] Extensions = [".yaml", ".yml"];

    /// <summary>Whether a text that names a space is the path of such a file.</summary>
    public static bool IsPath(string text) => Extensions.Contains(Path.GetExtension(text), StringComparer.OrdinalIgnoreCase);

    /// <summary>The space that a file defines.</summary>
    /// <exception cref="BadDataException">The file is missing or unreadable, or does not define a space; the message names file, line, and what was expected.</exception>
    public static NamedSpace Read(string path)
    {
        string text = ReadText(path);
        return new NamedSpace(path, SpaceReader.Read(text, path), text);
    }

    private static string ReadText(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new BadDataException($"'{path}' does not exist: expected a YAML file that defines a space, see docs/spaces.md");
            if (file.Length > SafeYaml.LargestText) throw new BadDataException($"'{path}' has {file.Length} bytes: expected a YAML file that defines a space, at most {SafeYaml.LargestText}");
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadDataException($"cannot read '{path}': {error.Message}", error);
        }
        catch (DecoderFallbackException error)
        {
            throw new BadDataException($"'{path}' is not UTF-8 text: expected a YAML file that defines a space", error);
        }
    }
}
