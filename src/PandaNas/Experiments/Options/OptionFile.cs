using System.Text;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Options;

/// <summary>Options as YAML: flat <c>key: value</c> lines. Presets are such files inside the library.</summary>
internal static class OptionFile
{
    private static readonly EmbeddedFiles Presets = new("PandaNas.Presets.");
    private static readonly FileKind Kind = new("a YAML file of options", 1 << 20, "docs/options.md has the keys.") { MayBeEmpty = true };

    // A file may serve several verbs, each of which takes what concerns it.
    private static readonly Type[] s_runs = [typeof(SupernetOptions), typeof(RetrainOptions)];

    /// <summary>The names of the presets.</summary>
    public static IReadOnlyList<string> PresetNames => Presets.Names;

    /// <summary>The values of a preset that a kind of options has.</summary>
    /// <exception cref="BadOptionException">There is no such preset; the message names the nearest one.</exception>
    public static OptionSet ReadPreset(Type type, string name)
    {
        if (!PresetNames.Contains(name))
            throw new BadOptionException(
                "preset",
                $"unknown preset '{name}'. Did you mean '{NearestName.Of(name, PresetNames)}'? Possible: {string.Join(", ", PresetNames)}");
        return Parse(type, Presets.Read(name), $"preset {name}");
    }

    /// <summary>The values of a YAML file that a kind of options has.</summary>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="BadOptionException">
    /// The text is not YAML, or a key is unknown, appears twice, or has an impossible value.
    /// </exception>
    public static OptionSet Read(Type type, string path) => Parse(type, InputFile.ReadText(path, Kind), path);

    /// <summary>The keys and values of a YAML file that a run wrote, whatever they are.</summary>
    /// <exception cref="BadDataException">The file cannot be read.</exception>
    /// <exception cref="BadOptionException">It has no lines of keys and values, or a key twice.</exception>
    public static Dictionary<string, string> ReadValues(string path) =>
        Entries(InputFile.ReadText(path, Kind with { Remedy = "Restore it, or start a new run." }), path) is { } entries
            ? entries.Keys.ToDictionary(key => key, entries.Value)
            : [];

    /// <summary>All options as a YAML text that <see cref="Read"/> reads back.</summary>
    public static string Write(OptionSet options)
    {
        var text = new StringBuilder("# The resolved options of this run, written by panda.\n");
        foreach (OptionDescription option in OptionDescription.AllOf(options.GetType()).Where(option => option.IsStored))
            text.Append(option.Key).Append(": ").Append(Quote(option.Text(options))).Append('\n');
        return text.ToString();
    }

    private static OptionSet Parse(Type type, string yaml, string place)
    {
        var options = (OptionSet)Activator.CreateInstance(type)!;
        if (Entries(yaml, place) is not { } entries) return options;
        foreach (string key in entries.Keys)
        {
            try
            {
                Type owner = s_runs.Prepend(type).FirstOrDefault(one => Find(one, key) is not null) ?? throw Unknown(key);
                OptionSet changed = Find(owner, key)!.WithText(
                    owner == type ? options : (OptionSet)Activator.CreateInstance(owner)!, entries.Value(key));
                if (owner == type) options = changed;
            }
            catch (BadOptionException error)
            {
                throw new BadOptionException($"'{place}', line {entries.LineOf(key)}: {Mention.AsKeys(error.Marked)}", error);
            }
        }
        return options;
    }

    private static OptionDescription? Find(Type type, string key) =>
        OptionDescription.AllOf(type).FirstOrDefault(option => option.IsStored && option.Key == key);

    private static BadOptionException Unknown(string key)
    {
        IEnumerable<string> keys = s_runs
            .SelectMany(run => OptionDescription.AllOf(run))
            .Where(option => option.IsStored)
            .Select(option => option.Key);
        return new BadOptionException($"unknown key '{key}'. Did you mean '{NearestName.Of(key, keys)}'?");
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
            throw new BadOptionException(error.Marked, error);
        }
    }

    // Paths and empty texts need quotes to come back unchanged; numbers and names do not.
    private static string Quote(string value) =>
        value.Any(IsSpecial) ? $"\"{string.Concat(value.Select(Escape))}\"" : QuotePrintable(value);

    private static string QuotePrintable(string value) =>
        value.Length > 0 && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_')
            ? value
            : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    // In single quotes YAML folds line breaks and forbids other control characters.
    private static bool IsSpecial(char c) => char.IsControl(c) || c is '\u2028' or '\u2029' or '\ufeff';

    private static string Escape(char c) => IsSpecial(c) ? $"\\u{(int)c:x4}" : c is '"' or '\\' ? $"\\{c}" : c.ToString();
}
