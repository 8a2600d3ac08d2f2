using System.Collections.Immutable;
using PandaNas.Experiments.Comparisons;
using PandaNas.Statistics;

namespace PandaNas.Tests.Experiments.Comparisons;

public sealed class AggregationTests
{
    private static readonly ComparisonPlan Plan = ComparisonPlan.EqualEpochs([("spos", 1), ("fairnas", 5)], 4);

    [Fact]
    public void Rows_HoldStatisticsOverSeedsAndPairedDifferences()
    {
        ImmutableArray<ComparisonRow> rows = Aggregation.Rows(
            Plan,
            [
                Run("spos", 0, 0.3), Run("fairnas", 0, 0.5), Run("spos", 1, 0.4),
                Run("fairnas", 1, 0.7), Run("spos", 2, 0.35), Run("fairnas", 2, 0.6),
            ]);

        Assert.Equal(["spos", "fairnas", "macs", "params"], rows.Select(row => row.Name));
        Assert.Equal([false, false, true, true], rows.Select(row => row.IsControl));
        ComparisonRow reference = rows[0], other = rows[1];
        Assert.Equal(((int?)4, (int?)5, (long?)77), (other.Epochs, other.PassesPerStep, other.Passes));
        Assert.Equal([0L, 1, 2], other.Seeds);
        Assert.Equal(SeedStatistics.Of([0.3, 0.4, 0.35]), Statistics(reference.Measures["kendall_tau"]));
        Assert.Null(reference.Measures["kendall_tau"].Difference);
        Assert.Equal(SeedStatistics.Of([0.5, 0.7, 0.6]), Statistics(other.Measures["kendall_tau"]));
        Assert.Equal(PairedDifference.Of([0.5, 0.7, 0.6], [0.3, 0.4, 0.35]), other.Measures["kendall_tau"].Difference);
        MeasureSummary control = rows[3].Measures["kendall_tau"];
        Assert.Equal((0.55, null), (control.Mean, control.StandardDeviation));
        Assert.Equal(PairedDifference.Of([0.55, 0.55, 0.55], [0.3, 0.4, 0.35]), control.Difference);
    }

    [Fact]
    public void UnfinishedWork_IsPairedWhereBothSeedsAreThere()
    {
        ImmutableArray<ComparisonRow> rows = Aggregation.Rows(Plan, [Run("spos", 0, 0.3), Run("fairnas", 0, 0.5), Run("spos", 1, 0.4)]);
        Assert.Equal(new MeasureSummary(0.5, null, 1, PairedDifference.Of([0.5], [0.3])), rows[1].Measures["kendall_tau"]);
        ComparisonRow none = Aggregation.Rows(Plan, [Run("spos", 0, 0.3)])[1];
        Assert.Empty(none.Measures);
        Assert.Null(none.Passes);
        Assert.Equal(2, Aggregation.Rows(Plan, []).Length);
    }

    [Fact]
    public void UndefinedMeasures_AreLeftOutSeedBySeed()
    {
        RankedRun without = Run("fairnas", 0, 0.5) with { Measures = ImmutableSortedDictionary<string, double>.Empty };
        ComparisonRow row = Aggregation.Rows(Plan, [Run("spos", 0, 0.3), without, Run("spos", 1, 0.4), Run("fairnas", 1, 0.6)])[1];
        Assert.Equal(new MeasureSummary(0.6, null, 1, PairedDifference.Of([0.6], [0.4])), row.Measures["kendall_tau"]);
        Assert.Equal([0L, 1], row.Seeds);
    }

    [Fact]
    public void Stability_IsTauBetweenTheSeedsOfAMethod()
    {
        RankedRun[] runs =
        [
            Run("spos", 0, 0.3, 1, 2, 3, 4), Run("spos", 1, 0.3, 2, 1, 3, 4), Run("spos", 2, 0.3, 4, 3, 2, 1), Run(
                "fairnas", 0, 0.3, 1, 2, 3, 4),
        ];
        ImmutableArray<ComparisonRow> rows = Aggregation.Rows(Plan, runs);
        Assert.Equal(SeedStatistics.Of([2 / 3.0, -1, -2 / 3.0])!.Mean, rows[0].Stability!.Mean, 1e-12);
        Assert.Equal(3, rows[0].Stability!.Seeds);
        Assert.Null(rows[1].Stability);
    }

    private static SeedStatistics Statistics(MeasureSummary measure) => new(measure.Mean, measure.StandardDeviation, measure.Seeds);

    private static RankedRun Run(string method, long seed, double tau, params double[] predictions) => new(
        method, seed, 77, ImmutableSortedDictionary<string, double>.Empty.Add("kendall_tau", tau),
        ImmutableSortedDictionary<string, ImmutableSortedDictionary<string, double>>.Empty
            .Add("params", ImmutableSortedDictionary<string, double>.Empty.Add("kendall_tau", 0.55))
            .Add("macs", ImmutableSortedDictionary<string, double>.Empty.Add("kendall_tau", 0.5)),
        [.. predictions]);
}
