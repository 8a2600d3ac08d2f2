using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>
/// Reads YAML of unknown origin: within limits on size and depth, without aliases, which could stand for exponentially much, and without
/// tags. What is left is maps, lists and texts.
/// </summary>
internal static class SafeYaml
{
    private const int MostEvents = 20_000;

    /// <summary>The map that the text is.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Its file, for error messages.</param>
    /// <param name="deepest">How deep maps and lists may nest.</param>
    /// <exception cref="BadDataException">It is beyond a limit, malformed, or no map.</exception>
    public static YamlMap Read(string text, string path, int deepest) => TryRead(text, path, deepest) ?? throw NoMap(path);

    /// <summary>The map that the text is; null where it has nothing but comments.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Its file, for error messages.</param>
    /// <param name="deepest">How deep maps and lists may nest.</param>
    /// <exception cref="BadDataException">It is beyond a limit, malformed, or no map.</exception>
    public static YamlMap? TryRead(string text, string path, int deepest)
    {
        try
        {
            CheckEvents(new Parser(new StringReader(text)), path, deepest);
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            return stream.Documents switch
            {
                [] => null,
                [{ RootNode: YamlMappingNode root }] => new YamlMap(root, path, "the file"),
                _ => throw NoMap(path),
            };
        }
        catch (YamlException error)
        {
            throw Bad(path, error.Start.Line, error.InnerException?.Message ?? error.Message, error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // So the parser leaves some malformed texts, without a place.
            throw Bad(path, 1, "the text is malformed YAML", error);
        }
    }

    /// <summary>An error at a line of a file.</summary>
    public static BadDataException Bad(string path, long line, string problem, Exception? inner = null) =>
        new($"'{path}', line {line}: {problem}", inner);

    private static BadDataException NoMap(string path) => new($"'{path}', line 1: expected one document with lines 'key: value'");

    // Event by event, because building nodes recurses as deep as the text nests.
    private static void CheckEvents(Parser parser, string path, int deepest)
    {
        int events = 0, depth = 0;
        while (parser.MoveNext())
        {
            ParsingEvent current = parser.Current!;
            long line = current.Start.Line;
            depth += current.NestingIncrease;
            if (++events > MostEvents) throw Bad(path, line, $"has more than {MostEvents} parts of YAML: expected fewer");
            // Stream and document nest, too.
            if (depth > deepest + 2)
                throw Bad(
                    path, line,
                    deepest == 1 ? "expected 'key: value' with a single value" : $"nests deeper than {deepest}: write it flatter");
            if (current is AnchorAlias) throw Bad(path, line, "has an alias (*name): write the values out");
            if (current is NodeEvent { Anchor.IsEmpty: false }) throw Bad(path, line, "has an anchor (&name): write the values out");
            if (current is NodeEvent { Tag.IsEmpty: false } tagged) throw Bad(path, line, $"has a tag ({tagged.Tag}): leave it out");
        }
    }
}
