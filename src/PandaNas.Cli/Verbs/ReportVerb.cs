using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Pages;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda report</c>: makes a page of runs.</summary>
internal static class ReportVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "report",
            "Make one HTML file of runs: what was found, how sure it is, what to do next, with all figures.",
            """
            The file needs no other file, no network and no script. Every stage writes
            one into its run's folder when it ends; this verb makes it anew, also of a
            run that is going on, or one of several runs.
            """,
            "panda report runs/panda --open",
            "panda report runs/panda runs/winner --out report.html");
        var runs = new Argument<string[]>("RUN")
        {
            Description = "folders of runs: supernets, retrainings, comparisons",
            Arity = ArgumentArity.OneOrMore,
        };
        var target = new Option<string?>("--out")
        {
            Description = $"the file [default: {RunReport.FileName} in RUN, or here for several]",
            HelpName = "FILE",
        };
        var open = new Option<bool>("--open") { Description = "show it in the browser" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(runs);
        command.Add(target);
        command.Add(open);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string[] folders = parsed.GetValue(runs)!;
            Report.RequireOnce(folders);
            // A page in a folder without a run would be in the way of one that shall begin there.
            if (folders.Length == 1 && parsed.GetValue(target) is null) RunDirectory.RequireRun(folders[0]);
            string path = Path.GetFullPath(
                parsed.GetValue(target) ?? (folders.Length == 1 ? Path.Combine(folders[0], RunReport.FileName) : RunReport.FileName));
            if (Directory.Exists(path))
                throw new BadOptionException($"--out is '{path}', which is a folder: name a file, for example {RunReport.FileName} in it");
            RunReport.Write(folders, path, context.Catalog);
            int code = context.Print(parsed.GetValue(json), new { report = path }, output => output.WriteLine($"Report: {path}"));
            if (parsed.GetValue(open)) Browser.Open(context.Error, path);
            return code;
        });
        return command;
    }
}
