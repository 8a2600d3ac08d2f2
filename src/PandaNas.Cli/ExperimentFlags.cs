using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli;

/// <summary>The flags of a run's options, made from <see cref="OptionTable"/>: preset, then YAML file, then flags, each over the last.</summary>
internal sealed class ExperimentFlags
{
    private readonly List<(OptionDefinition Definition, Option<string> Flag)> _flags = [];
    private readonly Option<string?> _preset = new("--preset") { Description = $"start from a preset: {string.Join(", ", OptionFile.PresetNames)}", HelpName = "NAME" };
    private readonly Option<string?> _config = new("--config") { Description = "then take options from a YAML file of 'key: value' lines, keys as the flags", HelpName = "FILE" };
    private readonly bool _hasFiles;
    private readonly string[] _without;

    private ExperimentFlags(bool hasFiles, params string[] without) => (_hasFiles, _without) = (hasFiles, without);

    /// <summary>All flags of a scope, with <c>--preset</c> and <c>--config</c>.</summary>
    /// <param name="command">Receives the flags.</param>
    /// <param name="scope">The scope.</param>
    /// <param name="defaults">What the help texts say is the default.</param>
    /// <param name="without">Keys that the verb decides by itself: neither flags, presets nor files set them.</param>
    public static ExperimentFlags AddAll(Command command, OptionScope scope, ExperimentOptions defaults, params string[] without)
    {
        var flags = new ExperimentFlags(hasFiles: true, without);
        command.Add(flags._preset);
        command.Add(flags._config);
        flags.Add(command, OptionTable.All.Where(option => (option.Scope & scope) != 0 && !without.Contains(option.Key)), defaults);
        return flags;
    }

    /// <summary>Only some flags, with <c>--preset</c> and <c>--config</c>.</summary>
    public static ExperimentFlags AddSome(Command command, ExperimentOptions defaults, params string[] keys)
    {
        var flags = new ExperimentFlags(hasFiles: true);
        command.Add(flags._preset);
        command.Add(flags._config);
        flags.Add(command, OptionTable.All.Where(option => keys.Contains(option.Key)), defaults);
        return flags;
    }

    /// <summary>Only the flags that say where things are and how they are computed, for verbs that use a finished run.</summary>
    public static ExperimentFlags AddAdjustable(Command command)
    {
        var flags = new ExperimentFlags(hasFiles: false);
        flags.Add(command, OptionTable.All.Where(option => OptionTable.OfEvaluation.Contains(option.Key)), null);
        return flags;
    }

    /// <summary>The options that preset, file and flags make of the given ones.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="options">What they change.</param>
    /// <param name="presetScope">Which keys of the preset count; others there are for other verbs.</param>
    /// <param name="fileScope">Which keys of the file count.</param>
    public ExperimentOptions Apply(ParseResult parsed, ExperimentOptions options, OptionScope presetScope, OptionScope fileScope)
    {
        if (_hasFiles)
        {
            if (parsed.GetValue(_preset) is { } preset) options = Take(options, OptionFile.ApplyPreset(options, preset), presetScope);
            if (parsed.GetValue(_config) is { } file) options = Take(options, OptionFile.ApplyFile(options, file), fileScope);
        }
        foreach ((OptionDefinition definition, Option<string> flag) in _flags)
        {
            if (parsed.GetResult(flag) is not { Implicit: false } result) continue;
            string text = result.Tokens.Count == 0 ? "true" : result.Tokens[0].Value;
            options = Write(definition, options, text);
        }
        return options;
    }

    /// <summary>The options of a run that is continued, with what the command line may adjust.</summary>
    /// <exception cref="BadOptionException">The command line asks for something else than the run was started with.</exception>
    public ExperimentOptions ApplyToStored(ParseResult parsed, ExperimentOptions stored, OptionScope presetScope, OptionScope scope, string folder)
    {
        ExperimentOptions wanted = Apply(parsed, stored, presetScope, scope);
        if (OptionTable.FirstDifference(stored, wanted, scope) is { } option)
            throw new BadOptionException(
                $"--{option.Key} is {option.Read(wanted)}, but '{folder}' was started with {option.Read(stored)}: leave it out to continue the run, or start another one with --out");
        return wanted;
    }

    /// <summary>What the command line gives of these flags, to be repeated in another command line.</summary>
    public IEnumerable<string> Given(ParseResult parsed) =>
        CommandText.Given(parsed, [.. _hasFiles ? (Option[])[_preset, _config] : [], .. _flags.Select(option => option.Flag)]);

    private void Add(Command command, IEnumerable<OptionDefinition> options, ExperimentOptions? defaults)
    {
        foreach (OptionDefinition option in options)
        {
            string standard = defaults is null ? "" : option.Read(defaults);
            var flag = new Option<string>($"--{option.Key}")
            {
                Description = option.Help + (standard.Length == 0 ? "" : $" [default: {standard}]"),
                HelpName = option.ValueName,
                Arity = option.IsSwitch ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
            };
            command.Add(flag);
            _flags.Add((option, flag));
        }
    }

    private static ExperimentOptions Write(OptionDefinition definition, ExperimentOptions options, string text)
    {
        try
        {
            return definition.Write(options, text);
        }
        catch (BadOptionException error)
        {
            throw new BadOptionException($"option --{definition.Key}: {error.Message}", error);
        }
    }

    // Only what is in scope is written: the rest may have values that no text gives, such as retraining's method.
    private ExperimentOptions Take(ExperimentOptions before, ExperimentOptions after, OptionScope scope)
    {
        foreach (OptionDefinition option in OptionTable.All)
            if ((option.Scope & scope) != 0 && !_without.Contains(option.Key)) before = option.Write(before, option.Read(after));
        return before;
    }
}
