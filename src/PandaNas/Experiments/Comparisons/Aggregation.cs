using System.Collections.Immutable;
using PandaNas.Ranking;
using PandaNas.Statistics;

namespace PandaNas.Experiments.Comparisons;

/// <summary>Makes the lines of a comparison out of its runs.</summary>
internal static class Aggregation
{
    /// <summary>The lines: every method of the plan, then the controls.</summary>
    /// <param name="plan">The methods.</param>
    /// <param name="runs">The runs that are done.</param>
    public static ImmutableArray<ComparisonRow> Rows(ComparisonPlan plan, IReadOnlyList<RankedRun> runs)
    {
        RankedRun[] reference = RunsOf(plan.Methods[0].Method, runs);
        var rows = plan.Methods.Select(method => MethodRow(method, RunsOf(method.Method, runs), reference)).ToList();
        // Every run has ranked the same architectures, so any one knows the controls.
        if (runs.Count > 0)
            rows.AddRange(runs[0].Controls.Select(control => ControlRow(control.Key, control.Value, reference)));
        return [.. rows];
    }

    private static RankedRun[] RunsOf(string method, IReadOnlyList<RankedRun> runs) =>
        [.. runs.Where(run => run.Method == method).OrderBy(run => run.Seed)];

    private static ComparisonRow MethodRow(MethodPlan method, RankedRun[] runs, RankedRun[] reference)
    {
        bool isFirst = reference.Length > 0 && reference[0].Method == method.Method;
        ImmutableSortedDictionary<string, MeasureSummary> measures = runs.SelectMany(run => run.Measures.Keys).Distinct()
            .ToImmutableSortedDictionary(
                measure => measure, measure => Summarise(measure, runs, isFirst ? [] : reference), StringComparer.Ordinal);
        return new ComparisonRow(
            method.Method, IsControl: false, method.Epochs, method.PassesPerStep, runs.Length == 0 ? null : runs[0].Passes,
            [.. runs.Select(run => run.Seed)], measures)
        {
            Stability = Stability(runs),
        };
    }

    private static MeasureSummary Summarise(string measure, RankedRun[] runs, RankedRun[] reference)
    {
        RankedRun[] defined = [.. runs.Where(run => run.Measures.ContainsKey(measure))];
        SeedStatistics statistics = SeedStatistics.Of([.. defined.Select(run => run.Measures[measure])])!;
        (double Value, double Reference)[] pairs =
        [
            .. from run in defined
               from other in reference
               where other.Seed == run.Seed && other.Measures.ContainsKey(measure)
               select (run.Measures[measure], other.Measures[measure]),
        ];
        return new MeasureSummary(
            statistics.Mean, statistics.StandardDeviation, statistics.Seeds,
            PairedDifference.Of([.. pairs.Select(pair => pair.Value)], [.. pairs.Select(pair => pair.Reference)]));
    }

    // The same with every seed, so its difference to the first method spreads as that method does.
    private static ComparisonRow ControlRow(string name, ImmutableSortedDictionary<string, double> measures, RankedRun[] reference) => new(
        name, IsControl: true, null, null, null, [],
        measures.ToImmutableSortedDictionary(
            measure => measure.Key, measure => ControlSummary(measure.Key, measure.Value, reference), StringComparer.Ordinal));

    private static MeasureSummary ControlSummary(string measure, double value, RankedRun[] reference)
    {
        double[] others = [.. reference.Where(run => run.Measures.ContainsKey(measure)).Select(run => run.Measures[measure])];
        return new MeasureSummary(value, null, 1, PairedDifference.Of([.. others.Select(_ => value)], others));
    }

    private static SeedStatistics? Stability(RankedRun[] runs) => SeedStatistics.Of(
    [
        .. from one in Enumerable.Range(0, runs.Length)
           from other in Enumerable.Range(one + 1, runs.Length - one - 1)
           let tau = Measure.KendallTau.Of(runs[one].Predictions.AsSpan(), runs[other].Predictions.AsSpan())
           where tau is not null
           select tau.Value,
    ]);
}
