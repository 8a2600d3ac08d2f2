using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PandaNas.Cli;

/// <summary>A command with examples, which its own help shows and the list of commands does not.</summary>
internal sealed class VerbCommand(string name, string summary, string explanation, params string[] examples) : Command(name, summary)
{
    /// <summary>Makes help print explanation and examples after the usual sections.</summary>
    public static void ExtendHelp(RootCommand root)
    {
        HelpOption help = root.Options.OfType<HelpOption>().Single();
        help.Action = new ExtendedHelp((HelpAction)help.Action!);
    }

    private void WriteMore(TextWriter output)
    {
        if (explanation.Length > 0) output.WriteLine(explanation + Environment.NewLine);
        WriteExamples(output, examples);
    }

    private static void WriteExamples(TextWriter output, params ReadOnlySpan<string> examples)
    {
        output.WriteLine("Examples:");
        foreach (string example in examples) output.WriteLine($"  {example}");
        output.WriteLine();
    }

    /// <summary>Help as the library prints it, then ours.</summary>
    internal sealed class ExtendedHelp(HelpAction standard) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int code = standard.Invoke(parseResult);
            if (parseResult.CommandResult.Command is VerbCommand verb) verb.WriteMore(parseResult.InvocationConfiguration.Output);
            else WriteExamples(parseResult.InvocationConfiguration.Output, "panda quickstart", "panda train --help");
            return code;
        }
    }
}
