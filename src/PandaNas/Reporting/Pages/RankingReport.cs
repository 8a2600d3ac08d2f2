using System.Collections.Immutable;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;

namespace PandaNas.Reporting.Pages;

/// <summary>A ranking of architectures, and how it agrees with true accuracies.</summary>
internal static class RankingReport
{
    // Architectures by name in a table.
    private const int Shown = 20;

    /// <summary>The part of a report; null without a ranking.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Ranking is not { } ranking || ranking.BestFirst.IsEmpty) return null;
        return new StageReport(
            "Ranking architectures", VerdictOf(run, ranking), Tiles(ranking.Quality),
            [.. Agreement(ranking), Costs(ranking), Best(ranking)]);
    }

    private static ImmutableArray<Tile> Tiles(RankingQuality? quality)
    {
        if (quality?.KendallTau is not { } tau) return [];
        string range = quality.KendallTauCi95 is { } ends ? $"95%: {Measure.KendallTau.Text(ends)}" : "";
        return [new Tile(Measure.KendallTau.Heading, tau, Measure.KendallTau.Text(tau), range)];
    }

    private static Verdict VerdictOf(RunContents run, RankingResult ranking)
    {
        string by = ranking.Ranker?.Formula ?? "their accuracy";
        string what = $"{Words.Number(ranking.Count)} architectures were ranked by {by}, "
            + (ranking.Images == 0
                ? "which takes no supernet."
                : $"with the supernet's weights on {Words.Number(ranking.Images)} {ranking.RankingPart} images.");
        string search = ShellCommand.Panda("search", run.Folder);
        if (ranking.Quality is not { } quality || quality.KendallTau is not { } tau)
            return new Verdict(
                what + (ranking.BestFirst[0].Accuracy is { } first && ranking.BestFirst[^1].Accuracy is { } last
                    ? $" The best has {Words.Percent(first)}, the worst {Words.Percent(last)}."
                    : ""),
                "Unknown: there were no true accuracies to compare with, or they do not differ.",
                "Compare with known accuracies, with other seeds, or retrain some architectures of different rank.", search);
        (string control, double best) = quality.Controls
            .Select(pair => (pair.Key, pair.Value.KendallTau ?? double.NegativeInfinity)).DefaultIfEmpty(("", double.NegativeInfinity))
            .MaxBy(pair => pair.Item2);
        string against = double.IsNegativeInfinity(best)
            ? ""
            : $" Merely counting ({Words.Control(control)}) gives {Measure.KendallTau.Text(best)}.";
        string ranks = ranking.Ranker is null ? "supernet" : "ranker";
        string judged = quality.KendallTauCi95 is not { } interval ? "There is no interval: too few architectures."
            : $"The 95% interval, {Measure.KendallTau.Text(interval)}, "
            + (interval.Lower > best ? $"lies above what counting gives: the {ranks} knows more than sizes."
                : interval.Upper < best ? $"lies below what counting gives: sizes alone rank better than this {ranks}."
                : $"includes what counting gives: on these architectures the {ranks} is not shown to know more than sizes.");
        string equals = ranking.Counting is { ToLiveParams: { } counting, WithinBands: { } within }
            ? $" The order's tau to live parameters is {Measure.KendallTau.Text(counting)}; among architectures of equal live parameters "
            + $"it agrees with the truth at {Measure.KendallTau.Text(within)}."
            : "";
        return new Verdict(
            $"{what} Its order agrees with that of {ranking.TruthColumn} at Kendall's tau {Measure.KendallTau.Text(tau)}: "
            + $"1 is the same order, 0 is chance.{against}{equals}",
            judged + " The interval is over architectures; another seed of the training gives another supernet.",
            run.Search is null
                ? "Search the supernet, or train it longer if the order is not good enough."
                : "The supernet was searched, see there.",
            run.Search is null ? search : null);
    }

    private static IEnumerable<Figure> Agreement(RankingResult ranking)
    {
        if (ranking.Quality is not { } quality) yield break;
        ImmutableArray<ScoredArchitecture> all = ranking.BestFirst;
        int top = Math.Min(10, all.Length);
        yield return new Figure(
            "ranking-true", ranking.Ranker is null ? "Predicted against true accuracy" : "Score against true accuracy",
            $"Every dot is an architecture; the rings are the {top} that the ranking calls best. A good ranking has them on the right.",
            new XyChart(
                new Axis($"true accuracy in % ({ranking.TruthColumn})"), OrderAxis(ranking),
                [
                    new Series("architectures", Marks(all.Skip(top)), Drawn.Dots, 0),
                    new Series($"the {top} called best", Marks(all.Take(top)), Drawn.Rings, 1),
                ]));
        string ranked = ranking.Ranker?.Formula ?? $"supernet ({ranking.Method})";
        (string Name, ControlQuality Alone)[] parts = [.. PartsOf(ranking.Ranker)];
        IEnumerable<ImmutableArray<string>> controls = quality.Controls.Select(pair => Row(Words.Control(pair.Key), pair.Value.Measures));
        yield return new Figure(
            "ranking-agreement", "How well the order agrees",
            $"Kendall's tau of the {(ranking.Ranker is null ? "supernet" : "ranker")} with its 95% interval, and of controls that only "
            + "count.",
            new IntervalChart(new Axis(Measure.KendallTau.Heading),
            [
                new IntervalRow(ranked, quality.KendallTau, quality.KendallTauCi95, 1),
                .. parts.Select(part => new IntervalRow($"{part.Name} alone", part.Alone.KendallTau, null, 0)),
                .. quality.Controls.Select(pair => new IntervalRow(Words.Control(pair.Key), pair.Value.KendallTau, null, 0)),
            ], Reference: 0),
            new DataTable(["ranked by", .. Headings(quality)],
            [
                Row(ranked, quality.Measures.Take(3)), .. parts.Select(part => Row($"{part.Name} alone", part.Alone.Measures)),
                .. controls,
            ]));
        if (!quality.AtK.IsEmpty)
            yield return new Figure(
                "ranking-top", "Among the best predicted",
                "Ranks are true ones, 1 being the best; regret is in percentage points of true accuracy.",
                new DataTable(
                    [">K", .. Measure.AtK(1).Select(measure => $">{measure.Heading}")],
                    [.. quality.AtK.Select(at => Row($"{at.K}", at.Measures))]));

        static ImmutableArray<Mark> Marks(IEnumerable<ScoredArchitecture> some) =>
            [.. some.Where(one => one.Truth is not null).Select(one => new Mark(one.Truth!.Value, OrderOf(one), one.Architecture))];
        static IEnumerable<string> Headings(RankingQuality quality) => quality.Measures.Take(3).Select(one => $">{one.Measure.Heading}");
        static ImmutableArray<string> Row(string name, IEnumerable<(Measure Measure, double? Value)> measures) =>
            [name, .. measures.Select(one => one.Measure.Text(one.Value))];
    }

    // What a ranker is made of; the accuracy with the supernet also where it is no part of it.
    private static IEnumerable<(string Name, ControlQuality Alone)> PartsOf(RankerReport? ranker)
    {
        if (ranker is null) yield break;
        if (ranker.AccuracyAlone is { } accuracy) yield return ("accuracy", accuracy);
        foreach (RankerScore score in ranker.Scores)
            if (score.Alone is { } alone && score.Score != "accuracy") yield return (score.Score, alone);
    }

    private static double OrderOf(ScoredArchitecture one) => one.Score ?? one.Accuracy ?? 0;

    private static Axis OrderAxis(RankingResult ranking) => ranking.Ranker is null ? CostFigures.Accuracy : CostFigures.Score;

    private static Figure Costs(RankingResult ranking)
    {
        ImmutableArray<Mark> marks = [.. ranking.BestFirst.Select(one => new Mark(one.Parameters, OrderOf(one), one.Architecture))];
        string order = ranking.Ranker is null ? "Accuracy with the supernet's weights" : $"The score, {ranking.Ranker.Formula},";
        return new Figure("ranking-size", "What was ranked", $"{order} over the size of the network.",
            new XyChart(CostFigures.Parameters, OrderAxis(ranking), [new Series("architectures", marks, Drawn.Dots, 0)]));
    }

    private static Figure Best(RankingResult ranking) => new(
        "ranking-best", ranking.BestFirst.Length > Shown ? $"The best {Shown}" : "All, best first", "All are in ranking.csv.",
        ArchitectureTable.Of(ranking.BestFirst.Take(Shown)));
}
