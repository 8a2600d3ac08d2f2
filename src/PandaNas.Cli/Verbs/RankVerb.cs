using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Ranking.Rankers;
using PandaNas.Statistics;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda rank</c>: ranks architectures with a supernet and measures the ranking.</summary>
internal static class RankVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "rank",
            "Rank architectures with a supernet, or by scores that need none, and measure the ranking against stand-alone accuracies.",
            $$"""
            --screen 200:25%,1000:20% scores every architecture on 200 images, the best quarter on 1,000, and the best fifth of those on
            --images. One that went further stands before one that did not. What this does to the ranking is measured on 100 random
            architectures, which all images score in any case.
            --ranker accuracy+live-params+0.5*jacov orders by a weighted sum of the logarithms of ranks. Ranks are taken against random
            architectures that the supernet's seed decides, so one architecture has one score whichever others are asked for, here and in
            search. Without it, spaces have their own, and the accuracy where nothing is known:
            {{OwnRankers(context.Catalog)}}.
            A supernet of 0 epochs, panda train --epochs 0, serves rankers that need none, such as live-params+jacov.
            """,
            "panda rank runs/panda --architectures 600 --images 1000 --truth nasbench201.csv",
            "panda rank runs/panda --architectures all --unique --truth nasbench201.csv --top-k 10,100,1%,5% --json",
            "panda rank runs/panda --architectures all --min-truth 90 --truth nasbench201.csv",
            "panda rank runs/panda --architectures all --screen 200:25%,1000:20% --truth nasbench201.csv",
            "panda rank runs/panda --ranker live-params+jacov --truth nasbench201.csv",
            "panda rank runs/panda --architectures mine.txt")
        {
            RunsOnRanks = true,
        };
        var run = new Argument<string>("RUN") { Description = "folder of a trained supernet" };
        command.Add(run);
        OptionFlags<RankOptions> ranking = OptionFlags<RankOptions>.Add(command);
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOfEvaluation(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            RankOptions options = ranking.Apply(parsed, new RankOptions { Catalog = context.Catalog }).Settle();
            if (context.IsWorker)
                return context.Serve(work => Supernet.Serve(
                    parsed.GetValue(run)!, stored => flags.Apply(parsed, stored), options, work));
            using Supernet supernet = Supernet.Open(parsed.GetValue(run)!, context.Catalog, stored => flags.Apply(parsed, stored));
            RankingResult result = context.WithProgress(work => supernet.Rank(options, work));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result, flags.Given(parsed)));
        });
        return command;
    }

    private static string OwnRankers(Catalog catalog) => string.Join(
        ", ", catalog.Spaces.Where(family => family.Ranker != RankerFormula.Usual)
            .Select(family => $"{family.Space.Name} {family.Ranker}"));

    private static void Print(TextWriter output, RankingResult result, IEnumerable<string> given)
    {
        output.WriteLine(PlainText.Wrap(
            result.Images == 0
                ? $"Ranked {result.Count} architectures, without a supernet's weights."
                : $"Ranked {result.Count} architectures ({result.Evaluated} evaluated now) on {result.Images} {result.RankingPart} images, "
                + $"protocol {result.Protocol}."));
        PrintEnds(output, result);
        if (result.Screening is { } screening) PrintScreening(output, screening);
        if (result.Ranker is { } ranker) RankerText.Print(output, ranker);
        if (result.Counting is { } counting) PrintCounting(output, counting);
        if (result.Quality is { } quality) PrintQuality(output, result, quality);
        output.WriteLine($"Results: {Path.Combine(result.Run, "ranking.csv")}");
        CommandText.WriteNext(output, ["search", result.Run, .. given]);
    }

    // With few architectures the worst are among the best already, or are none.
    private static void PrintEnds(TextWriter output, RankingResult result)
    {
        output.WriteLine(result.Best.Length == result.Count ? "All, best first:" : $"The best {result.Best.Length}:");
        ArchitectureTable.Print(output, result.Best);
        if (result.Worst.IsEmpty) return;
        output.WriteLine($"The worst {result.Worst.Length}:");
        ArchitectureTable.Print(output, result.Worst, result.Count - result.Worst.Length + 1);
    }

    private static void PrintCounting(TextWriter output, CountingShare counting)
    {
        string within = counting.WithinBands is { } tau
            ? $"; against the truth, within {PlainText.Count(counting.Bands, "band")} of equal live parameters {Text(tau)}"
            : "";
        output.WriteLine(PlainText.Wrap($"How much is counting: tau to live parameters {Text(counting.ToLiveParams)}{within}."));
    }

    private static void PrintQuality(TextWriter output, RankingResult result, RankingQuality quality)
    {
        output.WriteLine($"Against truth column '{result.TruthColumn}':");
        TextTable.Print(
            output,
            ["", $">{Measure.KendallTau.Heading}", ">95% interval", $">{Measure.Spearman.Heading}", $">{Measure.PrecisionAtTop5.Heading}"],
            [
                Row(
                    result.Ranker is null ? $"supernet ({result.Method})" : "the ranker",
                    new ControlQuality(quality.KendallTau, quality.Spearman, quality.PrecisionAtTop5), quality.KendallTauCi95),
                .. Alone(result),
                .. quality.Controls.Select(control => Row($"control {control.Key}", control.Value, null)),
            ]);
        output.WriteLine(PlainText.Wrap(
            $"Accurate part (truth of 90% and more): tau {Text(quality.KendallTauAccurate)}. "
            + $"Unique cells: tau {Text(quality.KendallTauUnique)}."));
        output.WriteLine(PlainText.Wrap(
            $"Regret in points: top-1 {Measure.RegretTop1.Text(quality.RegretTop1)}, "
            + $"top-10 {Measure.RegretTop10.Text(quality.RegretTop10)}. Among the best predicted:"));
        TextTable.Print(
            output,
            [">K", .. Measure.AtK(1).Select(measure => $">{measure.Heading}")],
            quality.AtK.Select(top => (IReadOnlyList<string>)
                [$"{top.K}", .. top.Measures.Select(one => one.Measure.Text(one.Value))]));
    }

    private static IEnumerable<IReadOnlyList<string>> Alone(RankingResult result)
    {
        if (result.Ranker is not { } ranker) return [];
        return
        [
            .. ranker.AccuracyAlone is { } accuracy ? [Row($"accuracy alone ({result.Method})", accuracy, null)]
                : (IEnumerable<IReadOnlyList<string>>)[],
            .. ranker.Scores.Where(score => score is { Score: not "accuracy", Alone: not null })
                .Select(score => Row($"{score.Score} alone", score.Alone!, null)),
        ];
    }

    private static IReadOnlyList<string> Row(string name, ControlQuality quality, Interval? interval) =>
    [
        name,
        Measure.KendallTau.Text(quality.KendallTau),
        Measure.KendallTau.Text(interval),
        Measure.Spearman.Text(quality.Spearman),
        Measure.PrecisionAtTop5.Text(quality.PrecisionAtTop5),
    ];

    private static string Text(SubsetTau part) => $"{Text(part.KendallTau)} on {part.Architectures}";

    private static string Text(double? tau) => Measure.KendallTau.Text(tau);

    private static void PrintScreening(TextWriter output, ScreeningEffect screening)
    {
        string truth = screening.KendallTau is null
            ? ""
            : $"; tau against the truth {Text(screening.KendallTau)} with it, {Text(screening.KendallTauUnscreened)} without";
        output.WriteLine(PlainText.Wrap($"Screening: {string.Join(", then ", screening.Scored)} architectures scored."));
        output.WriteLine(PlainText.Wrap(
            $"Its effect, on {screening.Audited} random architectures: tau {Text(screening.Agreement)} between the orders "
            + $"with and without it{truth}."));
    }
}
