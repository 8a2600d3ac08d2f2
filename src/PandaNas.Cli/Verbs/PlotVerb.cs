using System.Collections.Immutable;
using System.CommandLine;
using PandaNas.Experiments.Options;
using PandaNas.Reporting.Plots;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda plot</c>: writes the figures of runs as files.</summary>
internal static class PlotVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "plot",
            "Write the figures of runs as files, for papers and slides.",
            """
            The figures are those of the report, each as SVG, whose texts stay texts, and as PNG. Their names say what they are, and stay:
            loss.svg, ranking-true.png. What is a table in the report is in the run's CSV and JSON files.
            """,
            "panda plot runs/panda --out figures",
            "panda plot runs/panda runs/winner --out figures --format svg");
        var runs = new Argument<string[]>("RUN")
        {
            Description = "folders of runs: supernets, retrainings, comparisons",
            Arity = ArgumentArity.OneOrMore,
        };
        var target = new Option<string>("--out")
        {
            Description = "the folder of the files; with several runs each has a folder in it [default: figures]",
            HelpName = "FOLDER",
            DefaultValueFactory = _ => "figures",
        };
        var format = new Option<string?>("--format") { Description = "one kind of file [default: both]", HelpName = "svg|png" };
        format.AcceptOnlyFromAmong("svg", "png");
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(runs);
        command.Add(target);
        command.Add(format);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string[] folders = parsed.GetValue(runs)!;
            Report.RequireOnce(folders);
            string folder = Path.GetFullPath(parsed.GetValue(target)!);
            if (File.Exists(folder)) throw new BadOptionException($"--out is '{folder}', which is a file: name a folder");
            ImmutableArray<string> files = FigureFiles.Write(
                folders, folder,
                parsed.GetValue(format) is { } one ? [Enum.Parse<FigureFormat>(one, ignoreCase: true)] : Enum.GetValues<FigureFormat>(),
                context.Catalog);
            return context.Print(
                parsed.GetValue(json), new { files = files.ToArray() },
                output => output.WriteLine($"Figures: {PlainText.Count(files.Length, "file")} in {folder}"));
        });
        return command;
    }
}
