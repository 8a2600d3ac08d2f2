using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda quickstart</c>: the whole way on embedded images.</summary>
internal static class QuickstartVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "quickstart",
            "See the whole way in a few minutes, on 12,000 embedded Fashion-MNIST images: train a supernet with PA&DA, search it, retrain the winner and two random architectures for the same budget.",
            "",
            "panda quickstart",
            "panda quickstart --seed 1 --out runs/first --json");
        var seed = new Option<long>("--seed") { Description = "decides every random number", HelpName = "N" };
        var threads = new Option<int>("--threads") { Description = "threads of torch; 0 is one a processor", HelpName = "N" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(seed);
        command.Add(threads);
        RunFolderFlags folderFlags = RunFolderFlags.Add(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            (string folder, bool resume) = folderFlags.Resolve(parsed, "quickstart");
            int wanted = parsed.GetValue(threads);
            if (wanted is < 0 or > 1024) throw new BadOptionException($"option --threads: '{wanted}' is not a whole number from 0 to 1024");
            QuickstartResult result = RunFolderFlags.SayHowToContinue(
                context, "quickstart", folder, () => context.WithProgress(work => Quickstart.Run(folder, parsed.GetValue(seed), wanted, resume, work)));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return command;
    }

    private static void Print(TextWriter output, QuickstartResult result)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Trained a supernet with PA&DA for {result.Supernet.Epochs} epochs, evaluated {result.Search.Evaluated} architectures, retrained three. {result.Seconds:F0} s in all."));
        List<(string Name, RetrainingResult Result)> rows = [("found by the search", result.Retrained)];
        rows.AddRange(result.RandomBaseline.Select((random, i) => ($"random {i + 1}", random)));
        TextTable.Print(output, ["", "architecture", ">test accuracy", ">params", ">multiply-adds", "weights"], rows.Select(row => (IReadOnlyList<string>)
        [
            row.Name,
            row.Result.Architecture,
            row.Result.TestAccuracy.ToString("P1", CultureInfo.InvariantCulture),
            row.Result.LiveParams.ToString("N0", CultureInfo.InvariantCulture),
            row.Result.LiveMacs.ToString("N0", CultureInfo.InvariantCulture),
            row.Result.Weights,
        ]));
        output.WriteLine($"Everything is in {result.Run}. Next: 'panda train --help' for your own images.");
    }
}
