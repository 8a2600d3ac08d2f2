using PandaNas.Ranking;

namespace PandaNas.Tests.Ranking;

public sealed class CountingShareTests
{
    [Fact]
    public void Bands_AreOfEqualLiveParameters_WeightedByTheirPairs()
    {
        long[] liveParams = [500, 1_000, 1_005, 1_010, 1_011, 1_020, 500];
        double[] predicted = [1, 2, 3, 4, 6, 5, 7], truth = [5, 1, 2, 3, 9, 8, 4];
        // 1,010 is the last within a hundredth of 1,000; 1,011 begins the next band, in which both agree, as in the first three.
        var share = CountingShare.Of(predicted, liveParams, truth);
        Assert.Equal(3, share.Bands);
        Assert.Equal((3 * 1.0 + 1 * 1.0 + 1 * -1.0) / 5, share.WithinBands!.Value, 1e-12);
        Assert.Equal(
            RankStatistics.KendallTauB(predicted, [.. liveParams.Select(count => (double)count)]), share.ToLiveParams!.Value, 1e-12);
    }

    // What only counts says nothing among equals.
    [Fact]
    public void CountingAlone_AgreesFully_AndHasNoBand()
    {
        long[] liveParams = [1, 1, 2, 2];
        foreach (double[]? truth in (double[]?[])[[4, 3, 2, 1], null])
            Assert.Equal(new CountingShare(1, null, 0), CountingShare.Of([1, 1, 2, 2], liveParams, truth));
        Assert.Null(CountingShare.Of([1, 2], [3, 3], null).ToLiveParams);
    }
}
