using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda stability</c>: measures how far supernets rank alike.</summary>
internal static class StabilityVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "stability",
            "Measure how far supernets rank alike, for example those of several seeds: Kendall's tau between their predictions.",
            """
            Every supernet ranks on its own held-out images; only their number is the same. No truth is needed. What orders is the
            accuracy, unless --ranker says otherwise.
            """,
            "panda stability runs/panda-0 runs/panda-1 runs/panda-2 --architectures 600 --images 1000",
            "panda stability runs/spos runs/panda --architectures all --unique --json")
        {
            RunsOnRanks = true,
        };
        var runs =
            new Argument<string[]>("RUN") { Description = "folders of two or more trained supernets", Arity = ArgumentArity.OneOrMore };
        command.Add(runs);
        OptionFlags<RankOptions> ranking = OptionFlags<RankOptions>.AddOnly(
            command, "architectures", "unique", "images", "seed", "ranker", "reference");
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOfEvaluation(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            RankOptions options = ranking.Apply(parsed, new RankOptions()).Settle();
            SupernetOptions Adjust(SupernetOptions stored) => flags.Apply(parsed, stored);
            if (context.IsWorker)
                return context.Serve(work =>
                {
                    RankOptions asked = options with { Ranker = options.Formula.ToString() };
                    foreach (string run in parsed.GetValue(runs)!) Supernet.Serve(run, Adjust, asked, work);
                });
            StabilityResult result = context.WithProgress(work => StabilityExperiment.Measure(
                parsed.GetValue(runs)!, options, Adjust, work));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result, flags.Given(parsed)));
        });
        return command;
    }

    // Folders are long: the table names the runs by number.
    private static void Print(TextWriter output, StabilityResult result, IEnumerable<string> given)
    {
        output.WriteLine($"Agreement of {result.Runs.Length} supernets on {result.Architectures} architectures:");
        ImmutableArray<string> folders = [.. result.Runs.Select(run => run.Run)];
        foreach ((int i, StabilityRun run) in result.Runs.Index()) output.WriteLine($"  {i + 1}  {run.Method}, seed {run.Seed}: {run.Run}");
        string[] headers =
            [">one", ">other", $">{Measure.KendallTau.Heading}", ">95% interval", $">{Measure.Spearman.Heading}", ">common top 5%"];
        TextTable.Print(output, headers, result.Pairs.Select(pair => (IReadOnlyList<string>)
        [
            NumberOf(pair.Runs[0]),
            NumberOf(pair.Runs[1]),
            Measure.KendallTau.Text(pair.Agreement.KendallTau),
            Measure.KendallTau.Text(pair.Agreement.KendallTauCi95),
            Measure.Spearman.Text(pair.Agreement.Spearman),
            Measure.PrecisionAtTop5.Text(pair.Agreement.CommonTop5),
        ]));
        output.WriteLine($"Mean tau of the pairs: {Measure.KendallTau.Text(result.MeanKendallTau)}.");
        CommandText.WriteNext(output, ["search", folders[0], .. given]);

        string NumberOf(string folder) => (folders.IndexOf(folder) + 1).ToString(CultureInfo.InvariantCulture);
    }
}
