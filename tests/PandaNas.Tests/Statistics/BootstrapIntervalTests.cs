using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class BootstrapIntervalTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Interval_ContainsThePointEstimateOfStrongData(long seed)
    {
        (double[] x, double[] y) = Correlated(300, seed);
        foreach (PairedStatistic statistic in new PairedStatistic[] { RankStatistics.KendallTauB, RankStatistics.Spearman })
        {
            Interval interval = Compute(x, y, seed, statistic);
            Assert.InRange(statistic(x, y), interval.Lower, interval.Upper);
        }
    }

    // numpy.quantile([20, 1, 4, 2], [0.025, 0.975])
    [Fact]
    public void Central_InterpolatesBetweenNeighbours()
    {
        Interval central = BootstrapInterval.Central([20, 1, 4, 2]);
        Assert.Equal(1.075, central.Lower, 1e-12);
        Assert.Equal(18.8, central.Upper, 1e-12);
    }

    [Fact]
    public void Interval_ShrinksWithTheRootOfN()
    {
        double Width(int n)
        {
            (double[] x, double[] y) = Correlated(n, 7);
            Interval interval = Compute(x, y, 7, RankStatistics.KendallTauB);
            return interval.Upper - interval.Lower;
        }

        // Sixteen times the pairs: a quarter of the width.
        Assert.InRange(Width(50) / Width(800), 3, 5.3);
    }

    [Fact]
    public void Interval_CoversTheTrueValueAsOftenAsItSays()
    {
        // A mean of normal noise with true value 0; 95% nominal, binomial standard error 1.5% over 200 trials.
        int covered = 0;
        for (int trial = 0; trial < 200; trial++)
        {
            var stream = RandomStream.Derive(trial, "coverage");
            double[] x = [.. Enumerable.Range(0, 60).Select(_ => Draw.Normal(stream))];
            Interval interval = BootstrapInterval.Compute(x, x, Mean, stream, 300)!.Value;
            if (interval.Lower <= 0 && interval.Upper >= 0) covered++;
        }
        Assert.InRange(covered, 178, 198);
    }

    [Fact]
    public void SameSeed_GivesTheSameInterval()
    {
        (double[] x, double[] y) = Correlated(100, 1);
        Assert.Equal(Compute(x, y, 5, RankStatistics.KendallTauB), Compute(x, y, 5, RankStatistics.KendallTauB));
        Assert.NotEqual(Compute(x, y, 5, RankStatistics.KendallTauB), Compute(x, y, 6, RankStatistics.KendallTauB));
    }

    [Fact]
    public void UndefinedStatistic_HasNoInterval() =>
        Assert.Null(BootstrapInterval.Compute([1, 1, 1], [1, 2, 3], RankStatistics.KendallTauB, RandomStream.Derive(0, "test")));

    [Fact]
    public void WrongArguments_AreRefused()
    {
        var stream = RandomStream.Derive(0, "test");
        Assert.Throws<ArgumentException>(() => BootstrapInterval.Compute([], [], RankStatistics.KendallTauB, stream));
        Assert.Throws<ArgumentException>(() => BootstrapInterval.Compute([1, 2], [1], RankStatistics.KendallTauB, stream));
        Assert.Throws<ArgumentOutOfRangeException>(() => BootstrapInterval.Compute([1, 2], [1, 2], RankStatistics.KendallTauB, stream, 0));
    }

    [Fact]
    public void ManyPairs_TakeFewerResamples()
    {
        Assert.Equal(1_000, BootstrapInterval.DefaultResamples(5_000));
        Assert.Equal(200, BootstrapInterval.DefaultResamples(15_625));
    }

    private static Interval Compute(double[] x, double[] y, long seed, PairedStatistic statistic) =>
        BootstrapInterval.Compute(x, y, statistic, RandomStream.Derive(seed, "test"))!.Value;

    private static (double[] X, double[] Y) Correlated(int n, long seed)
    {
        var stream = RandomStream.Derive(seed, "correlated");
        double[] x = [.. Enumerable.Range(0, n).Select(_ => Draw.Normal(stream))];
        return (x, Array.ConvertAll(x, value => value + (0.5 * Draw.Normal(stream))));
    }

    private static double Mean(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        foreach (double value in x) sum += value;
        return sum / x.Length;
    }
}
