using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace PandaNas.Experiments.Options;

/// <summary>
/// The options of a run as its sealed record keeps them, each by key. The file of options beside it is for people, and is compared with
/// them: an option that is missing there, or was changed, is named.
/// </summary>
internal sealed class StoredOptions
{
    private readonly Dictionary<string, string> _values;
    private readonly string _path;

    /// <summary>Takes options out of a record.</summary>
    /// <param name="record">What the record keeps.</param>
    /// <param name="type">Which options it must have.</param>
    /// <param name="path">The record's file.</param>
    /// <exception cref="BadDataException">An option is missing or unknown.</exception>
    public StoredOptions(JsonNode? record, Type type, string path)
    {
        _path = path;
        if (record is not JsonObject values) throw Bad("it holds no options");
        _values = values.ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "");
        string[] keys = [.. Of(type).Select(option => option.Key)];
        if (keys.FirstOrDefault(key => !_values.ContainsKey(key)) is { } missing) throw Bad($"it has no '{missing}'");
        if (_values.Keys.Except(keys).FirstOrDefault() is { } unknown)
            throw Bad($"it has an option '{unknown}', which this program does not know");
    }

    /// <summary>Options as the record keeps them.</summary>
    public static JsonObject Of(OptionSet options) =>
        new(Of(options.GetType()).Select(option => KeyValuePair.Create(option.Key, (JsonNode?)option.Text(options))));

    /// <summary>Options by key as a result keeps them, beside what it was computed with.</summary>
    /// <param name="options">The options.</param>
    /// <param name="more">Further options by key.</param>
    public static ImmutableSortedDictionary<string, string> Texts(
        OptionSet options, params IEnumerable<KeyValuePair<string, string>> more) =>
        Of(options.GetType()).Select(option => KeyValuePair.Create(option.Key, option.Text(options))).Concat(more)
            .ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The words of a command line that give options again: those that are not the defaults, and those of no set.</summary>
    /// <param name="texts">The options by key.</param>
    /// <param name="flagOf">The flag of a key, without its dashes; null is the key.</param>
    public static IEnumerable<string> Words<T>(IReadOnlyDictionary<string, string> texts, Func<string, string>? flagOf = null)
        where T : OptionSet, new()
    {
        var standard = new T();
        OptionDescription[] own = [.. Of(typeof(T)).Where(option => texts.ContainsKey(option.Key))];
        foreach (OptionDescription option in own)
        {
            string text = texts[option.Key];
            // A batch size that is given takes the least steps' default away.
            if (text == option.Text(standard) && option.Name != nameof(TrainingRunOptions.LeastSteps)) continue;
            yield return "--" + (flagOf?.Invoke(option.Key) ?? option.Key);
            if (!option.IsSwitch || text != "true") yield return text;
        }
        foreach ((string key, string text) in texts.Where(other => own.All(option => option.Key != other.Key)))
        {
            yield return "--" + key;
            yield return text;
        }
    }

    /// <summary>Throws unless a file of options has every one of these, and no other.</summary>
    /// <exception cref="BadDataException">It differs; the message names the option.</exception>
    public void RequireSame(string path)
    {
        Dictionary<string, string> written = Read(path);
        foreach ((string key, string value) in _values)
        {
            if (!written.TryGetValue(key, out string? found)) throw Changed(path, $"it has no '{key}'; the run was started with '{value}'");
            if (found != value) throw Changed(path, $"{key} is '{found}'; the run was started with '{value}'");
        }
        if (written.Keys.Except(_values.Keys).FirstOrDefault() is { } more)
            throw Changed(path, $"it has a key '{more}', which is none of this run's");
    }

    /// <summary>The given options with the values of these.</summary>
    /// <exception cref="BadDataException">A value is none that this program knows, for example a space of another program.</exception>
    public T Apply<T>(T options)
        where T : OptionSet
    {
        try
        {
            foreach (OptionDescription option in Of(options.GetType())) options = option.WithText(options, _values[option.Key]);
            options.Validate();
            return options;
        }
        catch (BadOptionException error)
        {
            // Nobody typed these options: a run wrote them, perhaps with a space that only its own program knows.
            throw new BadDataException(
                $"'{_path}': {Mention.AsKeys(error.Marked)} (the run's own file: use the program that wrote it)", error);
        }
    }

    private static IEnumerable<OptionDescription> Of(Type type) => OptionDescription.AllOf(type).Where(option => option.IsStored);

    private static Dictionary<string, string> Read(string path)
    {
        try
        {
            return OptionFile.ReadValues(path);
        }
        catch (BadOptionException error)
        {
            throw new BadDataException($"{error.Marked} (the run's own file: restore it, or start a new run)", error);
        }
    }

    private static BadDataException Changed(string path, string what) =>
        new($"'{path}' was changed: {what}. Restore it; what may differ when a run is continued is given as options");

    private BadDataException Bad(string what) =>
        new($"cannot use '{_path}': {what}. Another version of the program wrote it: use that one, or start a new run.");
}
