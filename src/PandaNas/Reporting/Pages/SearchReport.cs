using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Reporting.Architectures;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Searching;

namespace PandaNas.Reporting.Pages;

/// <summary>A search and what it found.</summary>
internal static class SearchReport
{
    /// <summary>The part of a report; null without a search.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Search is not { } search) return null;
        ImmutableArray<Tile> tiles =
        [
            .. AccuracyTiles(search),
            .. LabelTiles(search),
            new Tile("its parameters", search.Best.Parameters, Words.Number(search.Best.Parameters), search.Limits),
        ];
        Figure[] front = search.ParetoFront.IsEmpty
            ? []
            :
            [
                Table(
                    "search-front", "The Pareto front of the search", "Most accurate first: none is better in every objective.",
                    search.ParetoFront),
            ];
        return new StageReport("The search", VerdictOf(run, search), tiles,
        [
            .. Charts(run, search),
            .. ArchitectureDrawing.Draw(run.Networks, search.Best.Architecture),
            .. LabelTables(search),
            Table("search-best", "The best that were found", "Best first; of equal ones the cheaper first.", search.Top),
            .. front,
        ]);
    }

    private static Verdict VerdictOf(RunContents run, SearchResult search)
    {
        SearchCertainty certainty = search.Certainty;
        ScoredArchitecture best = search.Best;
        string limits = search.Limits == CostLimits.None.ToString() ? "without limits" : $"with {search.Limits}";
        string at = best.Accuracy is { } accuracy
            ? $"at {Words.Percent(accuracy)} of {PlainText.Count(search.Images, $"{search.RankingPart} image")}, "
            : "";
        string sure = certainty is not { BestCi95: { } interval, Within: { } within }
            ? $"Unknown: {search.Ranker?.Formula} takes no supernet and tells no accuracy."
            : $"The 95% interval of its accuracy is {Words.Range(interval, Words.Percent)}, of the images alone. "
            + (within <= 1
                ? "Of all that were looked at, only it lies within that interval."
                : $"{Words.Number(within)} of the {Words.Number(certainty.Visited)} that were looked at lie within that interval: "
                + "these images cannot tell them from the best.")
            + " These are accuracies with shared weights.";
        return new Verdict(
            $"Among {Words.Number(certainty.Visited)} architectures {limits}, {search.Algorithm} found the best one "
            + $"{at}with {Words.Number(best.Parameters)} parameters and {Words.Number(best.MultiplyAdds)} multiply-adds.",
            sure
            + (search.Labels is null ? ""
                : best.Accuracy is null ? " A predictor ordered that learned from architectures trained alone."
                : " They are not what ordered: a predictor did that learned from architectures trained alone."),
            "Train the best one from scratch, beside others of the same size if you want to know whether searching helped.",
            ShellCommand.Panda("retrain", run.Folder, "--architecture", "best"));
    }

    private static IEnumerable<Figure> Charts(RunContents run, SearchResult search)
    {
        var limits = CostLimits.Read(search.Limits);
        string what = search.Best.Accuracy is null ? "Score" : "Accuracy";
        ImmutableArray<ScoredArchitecture> named = [.. search.Top, .. search.ParetoFront];
        ScoredArchitecture[] all = [.. named.Concat(run.Evaluated).DistinctBy(one => one.Architecture, StringComparer.Ordinal)];
        yield return CostFigures.Draw(
            "search-size", $"{what} over size", CostFigures.Parameters, one => one.Parameters, all, search.Best, limits.MaxParameters);
        yield return CostFigures.Draw(
            "search-computation", $"{what} over computation", CostFigures.MultiplyAdds, one => one.MultiplyAdds, all, search.Best,
            limits.MaxMultiplyAdds);
        if (search.Best.LatencyMs is not null)
            yield return CostFigures.Draw(
                "search-latency", $"{what} over latency", CostFigures.Latency, one => one.LatencyMs, named, search.Best,
                limits.MaxLatencyMs);
    }

    private static Tile[] AccuracyTiles(SearchResult search) =>
        search.Best.Accuracy is { } accuracy && search.Certainty.BestCi95 is { } interval
            ? [Tile.OfShare("the best, with shared weights", accuracy, interval)]
            : [];

    private static Tile[] LabelTiles(SearchResult search) => search.Labels is not { } labels ? [] :
    [
        new Tile(
            "tau of predicted labels", labels.KendallTau ?? 0,
            Measure.KendallTau.Text(labels.KendallTau),
            labels.KendallTauCi95 is { } interval ? $"95% interval {Measure.KendallTau.Text(interval)}" : ""),
    ];

    private static Figure[] LabelTables(SearchResult search) => search.Labels is not { } labels ? [] :
    [
        new Figure(
            "search-labels", "Architectures that were trained alone",
            $"After {PlainText.Count(labels.Epochs, "epoch")}, on {PlainText.Count(labels.Images, "held-out image")}. Each is predicted "
            + $"from all others, with a root mean squared error of {Words.Percent(labels.Rmse)}; the ranker, which knows no label, orders "
            + $"them with tau {Measure.KendallTau.Text(labels.RankerKendallTau)}.",
            new DataTable(
                [">#", ">accuracy", ">predicted", "architecture"],
                [
                    .. labels.Labels.OrderByDescending(label => label.Accuracy).Select((label, i) => (ImmutableArray<string>)
                        [Words.Number(i + 1), Words.Percent(label.Accuracy), Words.Percent(label.Predicted), label.Architecture]),
                ])),
    ];

    private static Figure Table(string name, string title, string explanation, IEnumerable<ScoredArchitecture> architectures) =>
        new(name, title, explanation, ArchitectureTable.Of(architectures));
}
