using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.OnnxRuntime;
using AutoReport = PandaNas.Reporting.Pages.AutoReport;
using RunReport = PandaNas.Reporting.Pages.RunReport;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda auto</c>: from labelled images to a model's file within a given time.</summary>
internal static class AutoVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "auto",
            "Make a model from labelled images within a given time: look at them, measure this machine's speed, plan, train, export.",
            """
            IMAGES is a folder with a folder for each class, or FORMAT:PATH as panda train takes it. It says why it does what it does; the
            plan is kept, and the same command with --out FOLDER --resume goes on by it. Files that cannot be used are left out and
            counted. A known network and a rival, which is searched where images and time allow it, are trained equally long; images that
            train neither decide which is the model. FOLDER then holds model.onnx, report.html, and both as runs.
            """,
            "panda auto photos --minutes 20",
            "panda auto photos --minutes 10 --max-params 60000 --out runs/pets",
            "panda auto --out runs/pets --resume");
        var images = new Argument<string?>("IMAGES")
        {
            Description = "folder of labelled images, or FORMAT:PATH",
            Arity = ArgumentArity.ZeroOrOne,
        };
        command.Add(images);
        OptionFlags<AutoOptions> flags = OptionFlags<AutoOptions>.Add(command);
        RunFolderFlags folderFlags = RunFolderFlags.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            (string folder, bool resume) = folderFlags.Resolve(parsed, "auto");
            bool continues = resume && RunDirectory.Exists(folder);
            var options = new AutoOptions { Catalog = context.Catalog };
            options = flags.Apply(parsed, continues ? AutoExperiment.ReadOptions(folder, context.Catalog) : options);
            string? data = parsed.GetValue(images) is { } named ? Images.Open(named, context.Catalog).Source
                : continues ? null
                : throw new BadOptionException(
                    "IMAGES is missing: name the folder of the images, or with --out and --resume a run to continue");
            AutoResult result = RunFolderFlags.SayHowToContinue(
                context, "auto", folder, () => context.WithProgress(work => Auto.Run(
                    options, data, folder, resume, work, model => new OnnxSession(model, threads: 1))));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return command;
    }

    private static void Print(TextWriter output, AutoResult result)
    {
        AutoModel[] models = [result.Model, result.Baseline];
        bool timed = result.Model.LatencyMs is not null;
        ArchitectureTable.Print(
            output,
            ["", ">test accuracy", ">95% interval", ">params", ">multiply-adds", .. timed ? (string[])[">ms"] : []],
            [.. models.Select(model => (model.Training.Architecture, Figures(model, timed)))]);
        output.WriteLine(PlainText.Wrap(AutoReport.Judgement(result)));
        foreach (string remark in result.Remarks) output.WriteLine(PlainText.Wrap(remark));
        output.WriteLine(PlainText.Wrap("Time: " + string.Join(", ", result.Stages.Select(stage => string.Create(
            CultureInfo.InvariantCulture, $"{stage.Name} {stage.Seconds:F0} s"))) + string.Create(
            CultureInfo.InvariantCulture, $"; {result.Seconds / 60:F1} of {result.Minutes:0.##} minutes.")));
        output.WriteLine($"Model: {result.File}");
        output.WriteLine($"Folder of the model: {result.Model.Training.Run}");
        output.WriteLine($"Report: {Path.Combine(result.Run, RunReport.FileName)}");
        CommandText.WriteNext(output, "predict", result.Model.Training.Run, "PICTURE");
    }

    private static IReadOnlyList<string> Figures(AutoModel model, bool timed) =>
    [
        model.Name,
        model.Training.TestAccuracy.ToString("P1", CultureInfo.InvariantCulture),
        string.Create(CultureInfo.InvariantCulture, $"{100 * model.Ci95.Lower:F1} to {100 * model.Ci95.Upper:F1}"),
        model.Training.LiveParams.ToString("N0", CultureInfo.InvariantCulture),
        model.Training.LiveMacs.ToString("N0", CultureInfo.InvariantCulture),
        .. timed ? (string[])[model.LatencyMs!.Value.ToString("F3", CultureInfo.InvariantCulture)] : [],
    ];
}
