using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class OneAgainstSampleTests
{
    // By hand: mean 3, deviation sqrt(2.5), t of 4 degrees of freedom 2.7764451, so half a width is 2.7764451 * 1.5811388 * sqrt(1.2).
    [Fact]
    public void Of_IsTheIntervalOfOneMoreValue()
    {
        var result = OneAgainstSample.Of(4, [1, 2, 3, 4, 5]);
        Assert.Equal((3, 5, 1), (result.Sample.Mean, result.Sample.Seeds, result.Difference));
        Assert.Equal(1 - 4.808943, result.Ci95.Lower, 1e-5);
        Assert.Equal(1 + 4.808943, result.Ci95.Upper, 1e-5);
    }

    [Fact]
    public void Of_NeedsASpread() => Assert.Throws<ArgumentException>(() => OneAgainstSample.Of(1, [1]));
}
