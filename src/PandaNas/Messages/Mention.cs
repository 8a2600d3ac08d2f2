namespace PandaNas.Messages;

/// <summary>A step that a message tells people to take.</summary>
internal enum Step
{
    /// <summary>Continue the training of a supernet; the argument is its folder.</summary>
    ContinueTraining,

    /// <summary>Search a supernet; the argument is its folder.</summary>
    Search,

    /// <summary>Measure a latency table.</summary>
    MeasureTable,

    /// <summary>Measure the latency of architectures one by one.</summary>
    MeasureArchitectures,
}

/// <summary>
/// What messages name that has another name in every interface: options and steps. The message carries a mark for each, and whoever
/// shows it chooses the names: properties for programs, flags and verbs on the command line, keys in files.
/// </summary>
internal static class Mention
{
    private const char Begin = '\uE000', Separator = '\uE001', End = '\uE002';
    private const string StepKind = "step";

    /// <summary>Mentions an option.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="property">Its property, where that is not the key in Pascal case.</param>
    public static string Option(string key, string? property = null) => $"{Begin}{key}{Separator}{property ?? Pascal(key)}{End}";

    /// <summary>Mentions how a step is taken, after words that say what it is: nothing where people call methods.</summary>
    public static string How(Step step, string argument = "") => $"{Begin}{StepKind}:{step}{Separator}{argument}{End}";

    /// <summary>A message for programs, which know options as properties.</summary>
    public static string AsProperties(string text) => Render(text, (_, property) => property, (_, _) => "");

    /// <summary>A message about a file, in which options are keys.</summary>
    public static string AsKeys(string text) => Render(text, (key, _) => key, (_, _) => "");

    /// <summary>A message with the names that a caller gives.</summary>
    /// <param name="text">The message with its marks.</param>
    /// <param name="option">The name of an option, from its key and its property.</param>
    /// <param name="how">How a step is taken with an argument.</param>
    public static string Render(string text, Func<string, string, string> option, Func<Step, string, string> how)
    {
        if (!text.Contains(Begin, StringComparison.Ordinal)) return text;
        string[] parts = text.Split(Begin);
        for (int i = 1; i < parts.Length; i++)
        {
            // A path may hold any character: what is no mark stays as it is.
            if (parts[i].Split(End, 2) is not [var mark, var rest] || mark.Split(Separator, 2) is not [var key, var value])
                parts[i] = Begin + parts[i];
            else if (key.Split(':', 2) is [StepKind, var step]) parts[i] = how(Enum.Parse<Step>(step), value) + rest;
            else parts[i] = option(key, value) + rest;
        }
        return string.Concat(parts);
    }

    private static string Pascal(string key) => string.Concat(key.Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));
}
