using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Experiments.Stages;
using PandaNas.Statistics;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda retrain</c>: trains one architecture from scratch.</summary>
internal static class RetrainVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "retrain",
            "Train one architecture from scratch as a plain network and score it on the test images.",
            """
            With RUN, network sizes, images and seed are those of the supernet; without it they come from preset, file and flags
            (a preset gives sizes here, not the supernet's training).
            """,
            "panda retrain runs/panda --architecture best --epochs 100 --out runs/winner",
            "panda retrain --preset nasbench201-cpu --data images:cifar10 "
            + "--architecture \"|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|\"",
            "panda retrain --out runs/winner --resume")
        {
            RunsOnRanks = true,
        };
        var run = new Argument<string?>("RUN") { Description = "folder of a supernet", Arity = ArgumentArity.ZeroOrOne };
        var architecture = new Option<string?>("--architecture")
        {
            Description = "in the space's notation, or best: the best one of the last search in RUN",
            HelpName = "TEXT|best",
        };
        command.Add(run);
        command.Add(architecture);
        OptionFlags<RetrainOptions> flags = OptionFlags<RetrainOptions>.Add(command);
        RunFolderFlags folder = RunFolderFlags.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(
            parsed => Run(context, parsed, parsed.GetValue(run), parsed.GetValue(architecture), flags, folder, parsed.GetValue(json)));
        return command;
    }

    private static int Run(
        VerbContext context, ParseResult parsed, string? supernet, string? architecture, OptionFlags<RetrainOptions> flags,
        RunFolderFlags folderFlags, bool json)
    {
        RetrainOptions options = flags.Apply(parsed, context.ForRetraining);
        if (context.IsWorker) return context.Serve(work => RetrainingExperiment.Serve(options.OverStored, work));
        (string folder, bool resume) = folderFlags.Resolve(parsed, "retrained");
        bool continues = resume && RunDirectory.Exists(folder);
        if (continues) options = options.OverStored(RunDirectory.ReadOptions<RetrainOptions>(folder, context.Catalog));
        else if (supernet is not null) options = options.From(RunDirectory.ReadOptions(supernet, context.Catalog));
        string text = Architecture(supernet, architecture, continues ? folder : null);
        using Model model = RunFolderFlags.SayHowToContinue(
            context, "retrain", folder, () => context.WithProgress(work => Model.Train(options, text, folder, resume, work)),
            RunFolderFlags.NotStored(options));
        RetrainingResult result = model.Training!;
        return context.Print(json, result, output =>
        {
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"Retrained for {PlainText.Count(result.Epochs, "epoch")} in {result.Seconds:F0} s:"));
            output.WriteLine($"  {ArchitectureTable.Wrap(result.Architecture, 2)}");
            output.WriteLine(PlainText.Wrap(result.Setup.Images));
            output.WriteLine(PlainText.Wrap(result.Setup.Computing));
            Interval interval = WilsonInterval.Of(result.TestAccuracy, result.Setup.TestImages);
            output.WriteLine(PlainText.Wrap(string.Create(
                CultureInfo.InvariantCulture,
                $"Test accuracy {result.TestAccuracy:P2} (95% interval {interval.Lower:P1} to {interval.Upper:P1}, of the images "
                + $"alone); {result.LiveParams:N0} parameters, {result.LiveMacs:N0} multiply-adds.")));
            if (result.ValidationAccuracy is { } heldOut)
                output.WriteLine(PlainText.Wrap(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Accuracy {heldOut:P2} on "
                    + $"{result.Setup.RankingImages:N0} images held out of training: choose between networks by it.")));
            output.WriteLine($"Weights: {result.Weights}");
            CommandText.WriteNext(output, ["latency", result.Architecture, .. SizeFlags(options, result)]);
        });
    }

    // The flags by which other verbs mean the same networks; the run keeps the definition of a space that a file defines.
    private static IEnumerable<string> SizeFlags(RetrainOptions options, RetrainingResult result)
    {
        var standard = new RetrainOptions();
        string space = options.FoundSpace.Definition is null ? options.Space : Path.Combine(result.Run, NamedSpace.KeptName);
        IEnumerable<(string Key, string Value)> sizes =
        [
            ("space", space),
            .. OptionDescription.AllOf(typeof(RetrainOptions))
                .Where(option => option.Owner == typeof(SpaceOptions) && option.IsStored
                    && option.Key is not ("space" or "data" or "image-size")
                    && option.Text(options) != option.Text(standard))
                .Select(option => (option.Key, option.Text(options))),
            ("image-size", Text(result.Setup.ImageSize)), ("classes", Text(result.Setup.Classes)),
            ("input-channels", Text(result.Setup.Channels)),
        ];
        return sizes.SelectMany(size => (string[])[$"--{size.Key}", size.Value]);

        static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);
    }

    private static string Architecture(string? supernet, string? architecture, string? resumed)
    {
        if (architecture == "best")
            return supernet is null
                ? throw new BadOptionException("--architecture best needs RUN: say whose search is meant")
                : SearchExperiment.BestOf(supernet);
        if (architecture is not null) return architecture;
        if (resumed is null) throw new BadOptionException("--architecture is missing: give one in the space's notation, or best with RUN");
        return RetrainingExperiment.ArchitectureOf(resumed);
    }
}
