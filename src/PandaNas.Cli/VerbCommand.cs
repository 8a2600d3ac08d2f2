using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli;

/// <summary>A command whose help groups its flags, shows those that people need first, and ends with examples and exit codes.</summary>
internal sealed class VerbCommand(string name, string summary, string explanation, params string[] examples) : Command(name, summary)
{
    private readonly Dictionary<Option, (OptionGroup Group, bool IsUsual, Func<string> Details)> _places = [];

    /// <summary>The name of the flag that shows all flags.</summary>
    public const string HelpAll = "--help-all";

    /// <summary>What it is for, beyond the summary.</summary>
    public string Explanation => explanation;

    /// <summary>Whole command lines.</summary>
    public IReadOnlyList<string> Examples => examples;

    /// <summary>Whether several processes that <c>mpirun</c> started share its work.</summary>
    public bool RunsOnRanks { get; init; }

    /// <summary>Adds a flag of an option.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="group">Its heading in the help.</param>
    /// <param name="isUsual">Whether the short help has it.</param>
    /// <param name="details">Range and default, after its description; asked for when help is shown.</param>
    public void Add(Option flag, OptionGroup group, bool isUsual = true, Func<string>? details = null)
    {
        Add(flag);
        _places.Add(flag, (group, isUsual, details ?? NoDetails));
    }

    /// <summary>Where a flag stands in the help; those that the verb adds by itself belong to the run and are shown always.</summary>
    public (OptionGroup Group, bool IsUsual, Func<string> Details) PlaceOf(Option flag) =>
        _places.GetValueOrDefault(flag, OfOtherFlags);

    /// <summary>The place of flags that are no options.</summary>
    public static (OptionGroup Group, bool IsUsual, Func<string> Details) OfOtherFlags { get; } = (OptionGroup.Run, true, NoDetails);

    /// <summary>Replaces the library's help by ours, and adds that of all flags.</summary>
    public static void ExtendHelp(RootCommand root)
    {
        root.Options.OfType<HelpOption>().Single().Action = new ShowHelp(all: false);
        root.Add(new Option<bool>(HelpAll)
        {
            Description = "show all flags",
            Recursive = true,
            Hidden = true,
            Action = new ShowHelp(all: true),
        });
    }

    private static string NoDetails() => "";

    /// <summary>Prints the help of a command.</summary>
    internal sealed class ShowHelp(bool all) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            HelpText.Write(parseResult.InvocationConfiguration.Output, parseResult.CommandResult.Command, all);
            return ExitCode.Done;
        }
    }
}
