using System.Text.RegularExpressions;

namespace PandaNas.Messages;

/// <summary>Command lines as a shell takes them, so that people can copy what they are shown.</summary>
internal static partial class ShellCommand
{
    /// <summary>A command line of panda; arguments that a shell would take apart are quoted.</summary>
    public static string Panda(params IEnumerable<string> arguments) => string.Join(' ', arguments.Select(Quoted).Prepend("panda"));

    private static string Quoted(string argument)
    {
        if (Plain().IsMatch(argument)) return argument;
        return OperatingSystem.IsWindows() ? $"\"{argument}\"" : $"'{argument.Replace("'", @"'\''", StringComparison.Ordinal)}'";
    }

    [GeneratedRegex(@"^[\w./:=,@%+-]+$")]
    private static partial Regex Plain();
}
