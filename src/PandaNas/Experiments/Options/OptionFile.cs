using System.Reflection;
using System.Text;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Options;

/// <summary>Options as YAML: flat <c>key: value</c> lines with the keys of <see cref="OptionTable"/>. Presets are such files inside the library.</summary>
public static class OptionFile
{
    private const string PresetPrefix = "PandaNas.Presets.";
    private const string PresetSuffix = ".yaml";
    private static readonly FileKind Kind = new("a YAML file of options", 1 << 20, "See 'panda train --help' for the keys.") { MayBeEmpty = true };

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
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="BadOptionException">The text is not YAML, or a key is unknown, appears twice, or has an impossible value.</exception>
    public static ExperimentOptions ApplyFile(ExperimentOptions options, string path) =>
        Apply(options, InputFile.ReadText(path, Kind), path);

    /// <summary>The keys and values of a YAML file that a run wrote, whatever they are.</summary>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="BadOptionException">It has no lines of keys and values, or a key twice.</exception>
    internal static Dictionary<string, string> ReadValues(string path) =>
        Entries(InputFile.ReadText(path, Kind with { Remedy = "Restore it, or start a new run." }), path) is { } entries ? entries.Keys.ToDictionary(key => key, entries.Value) : [];

    /// <summary>All options of a scope as a YAML text that <see cref="ApplyFile"/> reads back.</summary>
    public static string Write(ExperimentOptions options, OptionScope scope)
    {
        var text = new StringBuilder("# The resolved options of this run, written by panda.\n");
        foreach (OptionDefinition option in OptionTable.All)
            if ((option.Scope & scope) != 0) text.Append(option.Key).Append(": ").Append(Quote(option.Read(options))).Append('\n');
        return text.ToString();
    }

    private static ExperimentOptions Apply(ExperimentOptions options, string yaml, string place)
    {
        if (Entries(yaml, place) is not { } entries) return options;
        foreach (string key in entries.Keys) options = OptionTable.With(options, key, entries.Value(key), $"'{place}', line {entries.LineOf(key)}");
        return options;
    }

    // Whoever writes options is a user of them: what is wrong is so in what was asked for.
    private static YamlMap? Entries(string yaml, string place)
    {
        try
        {
            return SafeYaml.TryRead(yaml, place, deepest: 1);
        }
        catch (BadDataException error)
        {
            throw new BadOptionException(error.Message, error);
        }
    }

    // Paths and empty texts need quotes to come back unchanged; numbers and names do not.
    private static string Quote(string value) => value.Any(IsSpecial) ? $"\"{string.Concat(value.Select(Escape))}\"" : QuotePrintable(value);

    private static string QuotePrintable(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_') ? value : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    // In single quotes YAML folds line breaks and forbids other control characters.
    private static bool IsSpecial(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff';

    private static string Escape(char c) => IsSpecial(c) ? $"\\u{(int)c:x4}" : c is '"' or '\\' ? $"\\{c}" : c.ToString();
}
