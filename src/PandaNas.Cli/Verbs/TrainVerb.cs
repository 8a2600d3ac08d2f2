using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda train</c>: trains a supernet.</summary>
internal static class TrainVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "train",
            "Train a weight-sharing supernet.",
            "Methods:" + string.Concat(context.Catalog.Methods.Select(method => $"\n  {method.Name,-17} {method.Summary}")),
            "panda train --preset nasbench201-cpu --data images:cifar10 --out runs/panda",
            "panda train --preset nasbench201-cpu --data cifar10:cifar-10-batches-bin --method spos --seed 1",
            "panda train --out runs/panda --resume",
            "panda train --preset nasbench201-cpu --data images:cifar10 --epochs 0 --out runs/untrained")
        {
            RunsOnRanks = true,
        };
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.Add(command);
        RunFolderFlags folder = RunFolderFlags.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed => Run(context, parsed, flags, folder, parsed.GetValue(json)));
        return command;
    }

    private static int Run(
        VerbContext context, ParseResult parsed, OptionFlags<SupernetOptions> flags, RunFolderFlags folderFlags, bool json)
    {
        SupernetOptions options = flags.Apply(parsed, context.ForSupernet);
        if (context.IsWorker) return context.Serve(work => SupernetExperiment.Serve(options.OverStored, work));
        (string folder, bool resume) = folderFlags.Resolve(parsed, $"{options.Family.Space.Name}-{options.Method}-seed{options.Seed}");
        if (resume && RunDirectory.Exists(folder))
            options = options.OverStored(RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog));
        using Supernet supernet = RunFolderFlags.SayHowToContinue(
            context, "train", folder, () => context.WithProgress(work => Supernet.Train(options, folder, resume, work)),
            RunFolderFlags.NotStored(options));
        SupernetResult result = supernet.Training;
        return context.Print(json, result, output =>
        {
            output.WriteLine(PlainText.Wrap(result.Epochs == 0
                ? "Nothing was trained: this run is for rankers that need no supernet, for labels, and to retrain what they find."
                : string.Create(
                    CultureInfo.InvariantCulture,
                    $"Trained a supernet with {result.Method} for {PlainText.Count(result.Epochs, "epoch")} in {result.Seconds:F0} s.")));
            output.WriteLine(PlainText.Wrap(result.Setup.Images));
            output.WriteLine(PlainText.Wrap(result.Setup.Computing));
            if (result.ValidationAccuracy is { } accuracy)
            {
                output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"Mean accuracy of ten random architectures on the {result.RankingPart} images: {accuracy:P1}."));
                IEnumerable<string> probabilities = result.PathProbabilities
                    .Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Key} {pair.Value:F3}"));
                output.WriteLine(PlainText.Wrap($"Path probabilities: {string.Join(", ", probabilities)}."));
            }
            output.WriteLine($"Run: {result.Run}");
            CommandText.WriteNext(output, "search", result.Run);
        });
    }
}
