using System.Collections.Immutable;
using System.CommandLine;
using PandaNas.TorchCalls;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda check</c>: finds calls into torch that depend on the garbage collector.</summary>
internal static class CheckVerb
{
    // The last methods of a way say where to look; its start is the same for most.
    private const int WayShown = 3;

    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "check",
            "Check compiled code that calls torch: numbers and tensors that the garbage collector may free while torch reads them.",
            """
            Reads the assembly and never runs it. TorchSharp.dll and PandaNas.dll are taken from its folder, else from panda's.
            Exit code 1 if something is found; docs/spaces.md says what operations of your own must keep to.
            """,
            "panda check bin/Release/net10.0/MySpace.dll",
            "panda check MySpace.dll --json");
        var assembly = new Argument<string>("ASSEMBLY") { Description = "a compiled .NET assembly (.dll)" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(assembly);
        command.Add(json);
        command.SetAction(parsed =>
        {
            TorchCallReport report = TorchCallCheck.Of(parsed.GetValue(assembly)!);
            context.Print(parsed.GetValue(json), report, output => Print(output, report));
            return report.Findings.IsEmpty ? ExitCode.Done : ExitCode.Failed;
        });
        return command;
    }

    private static void Print(TextWriter output, TorchCallReport report)
    {
        foreach (TorchCallFinding finding in report.Findings)
        {
            output.WriteLine($"{finding.Method} at {finding.Offset} calls {finding.Calls}: {finding.Fault}");
            if (!finding.ReachedFrom.IsEmpty)
                output.WriteLine($"  without a scope by way of {string.Join(" > ", Shown(finding.ReachedFrom))}");
        }
        output.WriteLine(
            $"{report.Assembly}: {report.Methods} methods, {report.TorchSharpMembers} members of TorchSharp called, "
            + $"{report.Findings.Length} calls that depend on the garbage collector");
    }

    private static IEnumerable<string> Shown(ImmutableArray<string> way) => way.Skip(Math.Max(0, way.Length - WayShown));
}
