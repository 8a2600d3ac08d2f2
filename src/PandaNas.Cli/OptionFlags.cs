using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli;

/// <summary>The flags of a set of options, made from its properties.</summary>
/// <typeparam name="T">The set.</typeparam>
internal sealed class OptionFlags<T>
    where T : OptionSet, new()
{
    private readonly List<(OptionDescription Option, Option Flag)> _flags = [];

    private OptionFlags(VerbCommand command, Func<OptionDescription, bool> which, bool saysDefaults, string? seed)
    {
        foreach (OptionDescription option in OptionDescription.AllOf(typeof(T)).Where(which))
        {
            string name = seed is not null && option.Key == "seed" ? seed : $"--{option.Key}";
            // A switch takes the next word only where that is true or false: it may stand before an argument.
            Option flag = option.IsSwitch ? new Option<bool>(name) : new Option<string>(name);
            flag.HelpName = option.ValueName;
            flag.Description = option.Help;
            flag.CompletionSources.Add(_ => option.Names.Select(one => new System.CommandLine.Completions.CompletionItem(one)));
            command.Add(flag, option.Group, option.IsUsual, () => option.Details(saysDefaults ? option.Standard(new T()) : ""));
            _flags.Add((option, flag));
        }
    }

    /// <summary>Adds the flags of all options.</summary>
    /// <param name="command">Receives them.</param>
    /// <param name="without">Keys that the verb decides by itself.</param>
    public static OptionFlags<T> Add(VerbCommand command, params string[] without) =>
        new(command, option => !without.Contains(option.Key), saysDefaults: true, seed: null);

    /// <summary>The same, where the seed's flag has another name.</summary>
    public static OptionFlags<T> AddWithSeed(VerbCommand command, string seed, params string[] without) =>
        new(command, option => !without.Contains(option.Key), saysDefaults: true, seed);

    /// <summary>Adds only some flags.</summary>
    public static OptionFlags<T> AddOnly(VerbCommand command, params string[] keys) =>
        new(command, option => keys.Contains(option.Key), saysDefaults: true, seed: null);

    /// <summary>Adds only the flags that say where things are and how they are computed, for verbs that use a finished run.</summary>
    public static OptionFlags<T> AddOfEvaluation(VerbCommand command) =>
        new(command, option => option.OfEvaluation, saysDefaults: false, seed: null);

    /// <summary>The given options with what the command line says explicitly.</summary>
    public TOptions Apply<TOptions>(ParseResult parsed, TOptions options)
        where TOptions : OptionSet
    {
        foreach ((OptionDescription option, Option flag) in _flags)
            if (parsed.GetResult(flag) is { Implicit: false } result)
                options = option.WithText(options, result.Tokens.Count == 0 ? "true" : result.Tokens[0].Value);
        return options;
    }

    /// <summary>What the command line gives of these flags, to be repeated in another command line.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="without">Keys that the other one does not take.</param>
    public IEnumerable<string> Given(ParseResult parsed, params string[] without) =>
        CommandText.Given(parsed, _flags.Where(flag => !without.Contains(flag.Option.Key)).Select(flag => flag.Flag));
}
