using System.CommandLine;
using System.CommandLine.Help;
using PandaNas.Experiments.Options;

namespace PandaNas.Cli.Display;

/// <summary>Help in lines that fit a terminal: what a verb does, its arguments and flags in groups, examples, exit codes.</summary>
internal static class HelpText
{
    private const int Column = 28;

    /// <summary>Writes the help of a command.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="command">The command.</param>
    /// <param name="all">Whether with all flags, or with those that people need first.</param>
    public static void Write(TextWriter output, Command command, bool all)
    {
        string path = PathOf(command);
        output.WriteLine(PlainText.Wrap(command.Description ?? ""));
        output.WriteLine();
        string arguments = string.Concat(command.Arguments.Select(Usage));
        bool hasVerbs = command.Subcommands.Count > 0;
        output.WriteLine($"Usage: {path}{(hasVerbs && arguments.Length == 0 ? " VERB" : arguments)} [FLAGS]");
        if (hasVerbs && arguments.Length > 0) output.WriteLine($"       {path} VERB …");
        if (command.Arguments.Count > 0)
            WriteSection(output, "", command.Arguments.Select(argument => (argument.Name, argument.Description ?? "")));
        if (command.Subcommands.Count > 0)
            WriteSection(output, "Verbs", command.Subcommands.Select(verb => (verb.Name, verb.Description ?? "")));
        int left = WriteFlags(output, command, all);
        if (left > 0) output.WriteLine($"\n{left} more: {path} {VerbCommand.HelpAll}");
        if (command is not VerbCommand verb)
        {
            WriteLines(output, "Examples", ["panda quickstart", "panda train --help"]);
        }
        else
        {
            if (verb.Explanation.Length > 0) output.WriteLine($"\n{verb.Explanation}");
            WriteLines(output, "Examples", verb.Examples);
        }
        output.WriteLine();
        output.WriteLine(PlainText.Wrap("Exit codes: 0 done, 1 failed, 2 wrong usage, 3 bad data, 130 interrupted after saving"));
    }

    /// <summary>How a command is called.</summary>
    public static string PathOf(Command command) =>
        command is RootCommand ? "panda" : $"{PathOf(command.Parents.OfType<Command>().First())} {command.Name}";

    private static string Usage(Argument argument) => argument.Arity switch
    {
        { MaximumNumberOfValues: > 1 } => $" {argument.Name}…",
        { MinimumNumberOfValues: 0 } => $" [{argument.Name}]",
        _ => $" {argument.Name}",
    };

    private static int WriteFlags(TextWriter output, Command command, bool all)
    {
        var places = command.Options.Where(flag => !flag.Hidden && flag is not HelpOption)
            .Select(flag => (
                Flag: flag,
                Place: command is VerbCommand verb ? verb.PlaceOf(flag) : VerbCommand.OfOtherFlags))
            .ToList();
        var shown = places.Where(one => all || one.Place.IsUsual).ToList();
        foreach (var group in shown.GroupBy(one => one.Place.Group).OrderBy(group => group.Key))
            WriteSection(
                output, group.Key == OptionGroup.Start ? "Start from" : $"{group.Key}",
                group.Select(one => (NameOf(one.Flag), $"{one.Flag.Description}{one.Place.Details()}")));
        return places.Count - shown.Count;
    }

    private static string NameOf(Option flag) =>
        flag.ValueType == typeof(bool) || flag.HelpName is null ? flag.Name : $"{flag.Name} {flag.HelpName}";

    private static void WriteSection(TextWriter output, string heading, IEnumerable<(string Name, string Text)> lines)
    {
        output.WriteLine(heading.Length == 0 ? "" : $"\n{heading}:");
        foreach ((string name, string text) in lines)
        {
            // A long name stands on a line of its own.
            bool fits = name.Length + 4 <= Column;
            if (!fits) output.WriteLine($"  {name}");
            string margin = (fits ? $"  {name}" : "").PadRight(Column - 1).Replace(' ', '\u00a0');
            output.WriteLine(PlainText.Wrap($"{margin} {text}", Column).Replace('\u00a0', ' ').TrimEnd());
        }
    }

    private static void WriteLines(TextWriter output, string heading, IEnumerable<string> lines)
    {
        output.WriteLine($"\n{heading}:");
        foreach (string line in lines) output.WriteLine($"  {line}");
    }
}
