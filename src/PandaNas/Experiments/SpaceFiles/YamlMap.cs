using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>A map of a YAML file, which complains with file, line and key.</summary>
internal sealed class YamlMap
{
    private readonly Dictionary<string, YamlNode> _values = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _lines = new(StringComparer.Ordinal);
    private readonly string _path, _what;

    /// <summary>Wraps a map.</summary>
    /// <param name="node">The map.</param>
    /// <param name="path">Its file.</param>
    /// <param name="what">What it describes, for error messages.</param>
    public YamlMap(YamlMappingNode node, string path, string what)
    {
        (_path, _what, Line) = (path, what, node.Start.Line);
        foreach ((YamlNode key, YamlNode value) in node.Children)
        {
            if (key is not YamlScalarNode { Value: { Length: > 0 } name })
                throw SafeYaml.Bad(path, key.Start.Line, $"{what}: expected a key, a single word");
            _values.Add(name, value);
            _lines.Add(name, key.Start.Line);
        }
    }

    /// <summary>Where it begins.</summary>
    public long Line { get; }

    /// <summary>The keys in order.</summary>
    public IEnumerable<string> Keys => _values.Keys;

    /// <summary>Whether there is such a key.</summary>
    public bool Has(string key) => _values.ContainsKey(key);

    /// <summary>The line of a key.</summary>
    public long LineOf(string key) => _lines[key];

    /// <summary>Throws unless every key is known; the message names the nearest one.</summary>
    public void Allow(params ReadOnlySpan<string> known)
    {
        string[] names = known.ToArray();
        foreach (string key in Keys)
            if (!names.Contains(key))
                throw SafeYaml.Bad(
                    _path,
                    LineOf(key),
                    $"{_what} has an unknown key '{Short(key)}'. Did you mean '{NearestName.Of(Short(key), names)}'? "
                    + $"Possible: {string.Join(", ", names)}");
    }

    /// <summary>A text, possibly empty.</summary>
    public string Value(string key) => Scalar(key, "a single value");

    /// <summary>A text.</summary>
    public string Text(string key) =>
        Scalar(key, "a text") is { Length: > 0 } text ? text : throw Expected(key, "a text that is not empty");

    /// <summary>A whole number; the default where the key is missing.</summary>
    public int Integer(string key, int otherwise) => Has(key) ? Integer(key) : otherwise;

    /// <summary>A whole number.</summary>
    public int Integer(string key) =>
        int.TryParse(Scalar(key, "a whole number"), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int value)
            ? value
            : throw Expected(key, $"a whole number, found '{Short(Scalar(key, ""))}'");

    /// <summary>true or false; false where the key is missing.</summary>
    public bool Flag(string key) => Has(key) && (Scalar(key, "true or false") switch
    {
        "true" => true,
        "false" => false,
        string other => throw Expected(key, $"true or false, found '{Short(other)}'"),
    });

    /// <summary>One of some names.</summary>
    public string Name(string key, params ReadOnlySpan<string> known) => Check(key, Text(key), LineOf(key), known.ToArray());

    /// <summary>A list of names, each one of some.</summary>
    public string[] Names(string key, string[] known)
    {
        if (Node(key) is not YamlSequenceNode list) throw Expected(key, "a list of names");
        return [.. list.Select(item => item is YamlScalarNode { Value: { } name }
            ? Check(key, name, item.Start.Line, known)
            : throw SafeYaml.Bad(_path, item.Start.Line, $"{_what}: '{key}' expects names, each a single word"))];
    }

    /// <summary>A map inside.</summary>
    public YamlMap Map(string key, string what) =>
        Node(key) is YamlMappingNode map ? new YamlMap(map, _path, what) : throw Expected(key, "lines 'key: value' below it");

    /// <summary>A list of maps inside.</summary>
    /// <param name="key">The key.</param>
    /// <param name="what">What the map of an index describes.</param>
    public YamlMap[] Maps(string key, Func<int, string> what)
    {
        if (Node(key) is not YamlSequenceNode list) throw Expected(key, "a list, each item with lines 'key: value'");
        return [.. list.Select((item, i) => item is YamlMappingNode map
            ? new YamlMap(map, _path, what(i))
            : throw SafeYaml.Bad(_path, item.Start.Line, $"{what(i)}: expected lines 'key: value'"))];
    }

    private string Check(string key, string name, long line, string[] known)
    {
        if (known.Contains(name)) return name;
        string hint = known.Length == 0
            ? "none is defined"
            : $"Did you mean '{NearestName.Of(Short(name), known)}'? Possible: {string.Join(", ", known)}";
        throw SafeYaml.Bad(_path, line, $"{_what}: '{key}' has an unknown name '{Short(name)}'. {hint}");
    }

    private string Scalar(string key, string expected) =>
        Node(key) is YamlScalarNode scalar ? scalar.Value ?? "" : throw Expected(key, expected);

    private YamlNode Node(string key) =>
        _values.TryGetValue(key, out YamlNode? value) ? value : throw SafeYaml.Bad(_path, Line, $"{_what} has no '{key}'");

    private BadDataException Expected(string key, string expected) =>
        SafeYaml.Bad(_path, LineOf(key), $"{_what}: '{key}' expects {expected}");

    private static string Short(string text) => text.Length <= 60 ? text : text[..57] + "...";
}
