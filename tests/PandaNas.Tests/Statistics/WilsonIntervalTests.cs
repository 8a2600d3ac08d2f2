using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class WilsonIntervalTests
{
    // Newcombe 1998, "Two-sided confidence intervals for the single proportion", table I, method 3.
    [Theory]
    [InlineData(81, 263, 0.2553, 0.3662)]
    [InlineData(15, 148, 0.0624, 0.1605)]
    [InlineData(0, 20, 0, 0.1611)]
    [InlineData(1, 29, 0.0061, 0.1718)]
    public void Of_IsThePublishedInterval(int right, int images, double lower, double upper)
    {
        Interval interval = WilsonInterval.Of((double)right / images, images);
        Assert.Equal(lower, interval.Lower, 5e-5);
        Assert.Equal(upper, interval.Upper, 5e-5);
    }

    [Fact]
    public void Of_RefusesWhatIsNoShare()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(0.5, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => WilsonInterval.Of(double.NaN, 10));
    }
}
