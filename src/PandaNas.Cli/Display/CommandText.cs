using System.CommandLine;
using PandaNas.Messages;

namespace PandaNas.Cli.Display;

/// <summary>Command lines as a shell takes them, so that people can copy what is printed.</summary>
internal static class CommandText
{
    /// <summary>A command line of panda, see <see cref="ShellCommand"/>.</summary>
    public static string Of(params IEnumerable<string> arguments) => ShellCommand.Panda(arguments);

    /// <summary>What a command line gives explicitly of some options, to be repeated in another one.</summary>
    public static IEnumerable<string> Given(ParseResult parsed, params IEnumerable<Option> options) =>
        from option in options
        let result = parsed.GetResult(option)
        where result is { Implicit: false }
        from token in (string[])[option.Name, .. result.Tokens.Select(token => token.Value)]
        select token;

    /// <summary>Ends the output of a verb with the command that goes on from there, on a line of its own however long it is.</summary>
    public static void WriteNext(TextWriter output, params IEnumerable<string> arguments) => output.WriteLine($"Next: {Of(arguments)}");
}
