using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Statistics;
using RunReport = PandaNas.Reporting.Pages.RunReport;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda quickstart</c>: the whole way on embedded images.</summary>
internal static class QuickstartVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "quickstart",
            "See the whole way in a few minutes, on 12,000 embedded Fashion-MNIST images: train a supernet with PA&DA, search it, "
            + "retrain the winner beside random architectures of equal cost.",
            "",
            "panda quickstart",
            "panda quickstart --seed 1 --out runs/first --json");
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOnly(command, "seed", "threads");
        Option<bool> json = VerbContext.JsonFlag();
        RunFolderFlags folderFlags = RunFolderFlags.Add(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            (string folder, bool resume) = folderFlags.Resolve(parsed, "quickstart");
            SupernetOptions options = flags.Apply(parsed, context.ForSupernet);
            QuickstartResult result = RunFolderFlags.SayHowToContinue(
                context, "quickstart", folder, () => context.WithProgress(work =>
                {
                    QuickstartResult made = Quickstart.Run(folder, options.Seed, options.Threads, resume, work);
                    RunReport.TryWrite(
                        [made.Supernet.Run, made.Retrained.Run, .. made.RandomBaseline.Select(one => one.Run)], ReportOf(made), work);
                    return made;
                }),
                ["--seed", options.Seed.ToString(CultureInfo.InvariantCulture)], begun: Path.Combine(folder, Quickstart.SupernetFolder));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return command;
    }

    private static void Print(TextWriter output, QuickstartResult result)
    {
        SearchResult search = result.Search;
        output.WriteLine(PlainText.Wrap(string.Create(
            CultureInfo.InvariantCulture,
            $"Trained a supernet with PA&DA for {result.Supernet.Epochs} epochs; evaluated {search.Evaluated} architectures "
            + $"of at most {Quickstart.MaxParameters:N0} parameters on {search.Images:N0} held-out images; retrained the best one, "
            + $"and {result.RandomBaseline.Length} random ones with as many parameters (within {EqualCost.Tolerance:P0}), "
            + $"for {result.Retrained.Epochs} epochs each. {result.Seconds:F0} s in all.")));
        List<(string Name, RetrainingResult Result)> rows = [("by search", result.Retrained)];
        rows.AddRange(result.RandomBaseline.Select((random, i) => ($"random {i + 1}", random)));
        ArchitectureTable.Print(
            output,
            ["", ">test accuracy", ">95% interval", ">params", ">multiply-adds"],
            [.. rows.Select(row => (row.Result.Architecture, Figures(row.Name, row.Result)))]);
        output.WriteLine(PlainText.Wrap(Noise(result)));
        output.WriteLine(PlainText.Wrap(Verdict(result)));
        output.WriteLine($"Everything is in {result.Run}");
        output.WriteLine($"Weights: {result.Retrained.Weights}");
        output.WriteLine($"Report: {ReportOf(result)}");
        output.WriteLine("With your own images: panda auto FOLDER --minutes 20");
        CommandText.WriteNext(output, "rank", result.Supernet.Run, "--architectures", "200");
    }

    private static string ReportOf(QuickstartResult result) => Path.Combine(result.Run, RunReport.FileName);

    private static IReadOnlyList<string> Figures(string name, RetrainingResult result)
    {
        Interval interval = Interval(result);
        return
        [
            name,
            result.TestAccuracy.ToString("P1", CultureInfo.InvariantCulture),
            string.Create(CultureInfo.InvariantCulture, $"{100 * interval.Lower:F1} to {100 * interval.Upper:F1}"),
            result.LiveParams.ToString("N0", CultureInfo.InvariantCulture),
            result.LiveMacs.ToString("N0", CultureInfo.InvariantCulture),
        ];
    }

    private static Interval Interval(RetrainingResult result) => WilsonInterval.Of(result.TestAccuracy, result.Setup.TestImages);

    private static string Noise(QuickstartResult result)
    {
        Interval interval = Interval(result.Retrained);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"Noise: {result.Retrained.Setup.TestImages:N0} test images alone leave an accuracy uncertain by "
            + $"±{50 * (interval.Upper - interval.Lower):F1} points (the intervals); the random ones spread by "
            + $"{100 * result.AgainstRandom.Sample.StandardDeviation:F1} points (standard deviation).");
    }

    /// <summary>Whether the search won at equal cost, in words.</summary>
    internal static string Verdict(QuickstartResult result)
    {
        (SeedStatistics random, double difference, Interval interval) = result.AgainstRandom;
        int better = result.RandomBaseline.Count(one => one.TestAccuracy > result.Retrained.TestAccuracy);
        string won = interval.Lower > 0 ? "The search won at equal cost."
            : interval.Upper < 0 ? "The search lost at equal cost: random ones are better."
            : "The interval holds 0: the search did not win at equal cost, beyond the noise.";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"At equal cost the search's architecture is {Points(difference)} points from the mean of {random.Seeds} random ones "
            + $"(95% interval {Points(interval.Lower)} to {Points(interval.Upper)}); "
            + $"{better} of them {(better == 1 ? "is" : "are")} better. {won}");
    }

    private static string Points(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture);
}
