using System.Reflection;
using System.Text;
using System.Text.Json;
using PandaNas.Runtime;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace PandaNas.Experiments;

/// <summary>Options as YAML: flat <c>key: value</c> lines with the keys of <see cref="OptionTable"/>. Presets are such files inside the library.</summary>
public static class OptionFile
{
    private const string PresetPrefix = "PandaNas.Presets.";
    private const string PresetSuffix = ".yaml";
    private const int LargestFile = 1 << 20;

    /// <summary>The names of the presets.</summary>
    public static IReadOnlyList<string> PresetNames { get; } =
    [
        .. typeof(OptionFile).Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(PresetPrefix, StringComparison.Ordinal))
            .Select(name => name[PresetPrefix.Length..^PresetSuffix.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The options changed by a preset.</summary>
    /// <exception cref="BadOptionException">There is no such preset; the message names the nearest one.</exception>
    public static ExperimentOptions ApplyPreset(ExperimentOptions options, string name)
    {
        if (!PresetNames.Contains(name))
            throw new BadOptionException($"unknown preset '{name}'. Did you mean '{NearestName.Of(name, PresetNames)}'? Possible: {string.Join(", ", PresetNames)}");
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(PresetPrefix + name + PresetSuffix)!;
        return Apply(options, new StreamReader(stream, Encoding.UTF8).ReadToEnd(), $"preset {name}");
    }

    /// <summary>The options changed by a YAML file.</summary>
    /// <exception cref="BadDataException">The file cannot be read or is not YAML.</exception>
    /// <exception cref="BadOptionException">A key is unknown, appears twice, or has an impossible value.</exception>
    public static ExperimentOptions ApplyFile(ExperimentOptions options, string path) => Apply(options, ReadText(path), path);

    /// <summary>The keys and values of a YAML file, whatever they are.</summary>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="BadOptionException">It has no lines of keys and values, or a key twice.</exception>
    internal static Dictionary<string, string> ReadValues(string path) => Entries(ReadText(path), path).ToDictionary(entry => entry.Key, entry => entry.Value);

    /// <summary>All options of a scope as a YAML text that <see cref="ApplyFile"/> reads back.</summary>
    public static string Write(ExperimentOptions options, OptionScope scope)
    {
        var text = new StringBuilder("# The resolved options of this run, written by panda.\n");
        foreach (OptionDefinition option in OptionTable.All)
            if ((option.Scope & scope) != 0) text.Append(option.Key).Append(": ").Append(Quote(option.Read(options))).Append('\n');
        return text.ToString();
    }

    private static string ReadText(string path)
    {
        try
        {
            var file = new FileInfo(path);
            if (!file.Exists) throw new BadDataException($"'{path}' does not exist: expected a YAML file of options");
            if (file.Length > LargestFile) throw new BadDataException($"'{path}' has {file.Length} bytes: expected a YAML file of options, at most {LargestFile}");
            return File.ReadAllText(path, Encoding.UTF8);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BadDataException($"cannot read '{path}': {error.Message}", error);
        }
    }

    private static ExperimentOptions Apply(ExperimentOptions options, string yaml, string place)
    {
        foreach ((string key, string value, long line) in Entries(yaml, place)) options = OptionTable.With(options, key, value, $"{place}, line {line}");
        return options;
    }

    private static List<(string Key, string Value, long Line)> Entries(string yaml, string place)
    {
        try
        {
            var stream = new YamlStream();
            stream.Load(new StringReader(yaml));
            if (stream.Documents.Count == 0) return [];
            if (stream.Documents.Count > 1 || stream.Documents[0].RootNode is not YamlMappingNode mapping)
                throw new BadOptionException($"{place}: expected lines 'key: value' and nothing around them");
            var entries = new List<(string, string, long)>();
            foreach ((YamlNode key, YamlNode value) in mapping.Children)
            {
                if (key is not YamlScalarNode { Value: { } name } || value is not YamlScalarNode scalar)
                    throw new BadOptionException($"{place}, line {key.Start.Line}: expected 'key: value' with a single value");
                entries.Add((name, scalar.Value ?? "", key.Start.Line));
            }
            return entries;
        }
        catch (YamlException error)
        {
            throw new BadOptionException($"{place}, line {error.Start.Line}: {error.InnerException?.Message ?? error.Message}", error);
        }
        catch (Exception error) when (error is InvalidOperationException or ArgumentException)
        {
            // So the parser leaves some malformed texts, without a place.
            throw new BadOptionException($"{place}: the text is malformed YAML: expected lines 'key: value'", error);
        }
    }

    // Paths and empty texts need quotes to come back unchanged; numbers and names do not. Within single quotes, YAML would fold line breaks.
    private static string Quote(string value)
    {
        if (value.Any(char.IsControl)) return JsonSerializer.Serialize(value, RunJson.Line);
        return value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";
    }
}
