using System.Collections.Immutable;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Statistics;

namespace PandaNas.Reporting.Pages;

/// <summary>A comparison of methods.</summary>
internal static class ComparisonReport
{
    private static readonly Measure[] Known =
    [
        Measure.KendallTau, Measure.ValidationAccuracy, Measure.Spearman, Measure.PrecisionAtTop5,
        Measure.KendallTauUnique, Measure.KendallTauAccurate, Measure.RegretTop1, Measure.RegretTop10, Measure.TrainingSeconds,
    ];

    /// <summary>The part of a report; null for another kind of run.</summary>
    public static StageReport? Of(RunContents run)
    {
        if (run.Kind != RunKind.Comparison) return null;
        if (run.Comparison is not { } result)
            return new StageReport("The comparison", new Verdict(
                "No run of the comparison is done yet.", "There is nothing to be sure of.",
                "Wait for it, or continue it if it was interrupted.",
                ShellCommand.Panda("compare", "--out", run.Folder, "--resume")), [], []);
        Measure main = MainOf(result);
        return new StageReport(
            "The comparison", VerdictOf(run, result, main), [.. Tiles(result, main)],
            [.. Charts(result, main), Table(result)])
        {
            Runs =
            [
                .. from row in Methods(result)
                   from seed in row.Seeds
                   select Path.Combine(run.Folder, ComparisonResult.NameOfRun(row.Name, seed)),
            ],
        };
    }

    private static Measure MainOf(ComparisonResult result) => result.TruthColumn is null ? Measure.ValidationAccuracy : Measure.KendallTau;

    private static IEnumerable<Tile> Tiles(ComparisonResult result, Measure main) =>
        from row in Methods(result)
        where row.Measures.ContainsKey(main.Name)
        let summary = row.Measures[main.Name]
        select new Tile(
            $"{row.Name}: {main.Heading}", summary.Mean, main.Text(summary.Mean),
            summary.StandardDeviation is { } deviation ? $"± {main.Text(deviation)} over {summary.Seeds} seeds" : "one seed");

    private static IEnumerable<ComparisonRow> Methods(ComparisonResult result) => result.Rows.Where(row => !row.IsControl);

    private static Verdict VerdictOf(RunContents run, ComparisonResult result, Measure main)
    {
        string reference = result.Options.Methods[0];
        ComparisonRow[] measured = [.. Methods(result).Where(row => row.Measures.ContainsKey(main.Name))];
        string unfinished = result.RunsDone < result.RunsPlanned
            ? $"The comparison is not finished: {result.RunsDone} of {result.RunsPlanned} runs are done. "
            : "";
        string next = unfinished.Length > 0
            ? "Wait for it, or continue it if it was interrupted."
            : "Search the best supernet; where methods cannot be told apart, add seeds.";
        string command = unfinished.Length > 0 ? ShellCommand.Panda("compare", "--out", run.Folder, "--resume")
            : ShellCommand.Panda("search", Path.Combine(run.Folder, Path.GetFileName(result.BestRun)));
        if (measured.Length == 0)
            return new Verdict(unfinished + $"{main.Heading} is not defined for any method.", "Nothing can be said.", next, command);
        ComparisonRow best = measured.MaxBy(row => main.Goodness(row.Measures[main.Name].Mean))!;
        string found = string.Join(", ", measured.Select(row => $"{row.Name} {main.Text(row.Measures[main.Name].Mean)}"));
        IEnumerable<string> differences =
            measured.Where(row => row.Name != reference).Select(row => Difference(row, main, reference));
        return new Verdict(
            $"{unfinished}{best.Name} has the best mean {main.Heading}. Means over seeds: {found}.",
            string.Join(" ", differences.DefaultIfEmpty("There is one method only, and so nothing to compare.")),
            next, command);
    }

    private static string Difference(ComparisonRow row, Measure main, string reference)
    {
        if (row.Measures[main.Name].Difference is not { } difference) return $"{row.Name} has no seed in common with {reference} yet.";
        string differs = $"{row.Name} differs from {reference} by {Words.Signed(difference.Mean, 3)}";
        if (difference.Ci95 is not { } interval) return $"{differs} with one seed, which says nothing about others.";
        string judged = interval.Lower > 0 || interval.Upper < 0 ? "does not include 0: the difference is more than chance between seeds"
            : "includes 0: these seeds cannot tell the two apart";
        string range = Words.Range(interval, value => Words.Signed(value, 3));
        return $"{differs}; the 95% interval over {difference.Seeds} seeds, {range}, {judged}.";
    }

    private static IEnumerable<Figure> Charts(ComparisonResult result, Measure main)
    {
        foreach (Measure measure in result.TruthColumn is null ? (Measure[])[main] : [main, Measure.ValidationAccuracy])
        {
            ComparisonRow[] rows = [.. result.Rows.Where(row => row.Measures.ContainsKey(measure.Name))];
            if (rows.Length == 0) continue;
            yield return new Figure(
                $"comparison-{Figure.Slug(measure.Name)}", $"{Capital(measure.Heading)} by method",
                "The mean over seeds with the 95% interval of that mean by Student's t, and of counting sizes, which needs no training.",
                new IntervalChart(
                    AxisOf(measure),
                    [
                        .. from row in rows
                           let summary = row.Measures[measure.Name]
                           select Interval(row, summary.Mean, IntervalOf(summary)),
                    ]));
            ComparisonRow[] others = [.. rows.Where(row => row.Measures[measure.Name].Difference is not null)];
            if (others.Length == 0) continue;
            yield return new Figure(
                $"difference-{Figure.Slug(measure.Name)}", $"Difference to {result.Options.Methods[0]}",
                $"Of {measure.Heading}, seed by seed, with 95% intervals. "
                + "Where an interval includes 0, the seeds cannot tell the two apart.",
                new IntervalChart(
                    new Axis($"difference in {measure.Heading}"),
                    [
                        .. from row in others
                           let difference = row.Measures[measure.Name].Difference!
                           select Interval(row, difference.Mean, difference.Ci95),
                    ],
                    Reference: 0));
        }

        static IntervalRow Interval(ComparisonRow row, double value, Interval? interval) =>
            new(NameOf(row), value, interval, row.IsControl ? 0 : 1);
    }

    private static Axis AxisOf(Measure measure) => new(measure.Unit.Length == 0 ? measure.Heading : $"{measure.Heading} ({measure.Unit})");

    private static Interval? IntervalOf(MeasureSummary summary)
    {
        if (summary.StandardDeviation is not { } deviation || summary.Seeds < 2) return null;
        double half = new SeedStatistics(summary.Mean, deviation, summary.Seeds).StudentQuantile * deviation / Math.Sqrt(summary.Seeds);
        return new Interval(summary.Mean - half, summary.Mean + half);
    }

    private static Figure Table(ComparisonResult result)
    {
        Measure[] columns = [.. Known.Where(measure => result.Rows.Any(row => row.Measures.ContainsKey(measure.Name)))];
        return new Figure("comparison", "All measures",
            "The mean over seeds, ± their standard deviation; n seeds. All figures are in comparison.csv.",
            new DataTable(["method", ">epochs", ">n", ">tau between seeds", .. columns.Select(measure => $">{measure.Heading}")],
                [.. result.Rows.Select(row => (ImmutableArray<string>)
                [
                    NameOf(row), row.Epochs is { } epochs ? Words.Number(epochs) : "", row.IsControl ? "" : Words.Number(row.Seeds.Length),
                    row.Stability is { } stability ? Measure.KendallTau.Text(stability.Mean) : "",
                    .. columns.Select(measure => row.Measures.GetValueOrDefault(measure.Name) is not { } summary ? ""
                        : summary.StandardDeviation is { } deviation
                            ? $"{measure.Text(summary.Mean)} ± {measure.Text(deviation)}"
                            : measure.Text(summary.Mean)),
                ])]));
    }

    private static string NameOf(ComparisonRow row) => row.IsControl ? Words.Control(row.Name) : row.Name;

    private static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
