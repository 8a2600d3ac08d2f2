using PandaNas.Costs;
using PandaNas.Searching;

namespace PandaNas.Tests.Searching;

public sealed class CostLimitsTests
{
    [Fact]
    public void Limits_AdmitWhatKeepsThemAll()
    {
        Assert.True(CostLimits.None.Admits(new Cost(long.MaxValue, long.MaxValue)));
        var limits = new CostLimits(10, 20);
        Assert.True(limits.Admits(new Cost(10, 20)));
        Assert.False(limits.Admits(new Cost(11, 20)));
        Assert.False(limits.Admits(new Cost(10, 21)));
        Assert.True(new CostLimits(null, 20).Admits(new Cost(11, 20)));
    }

    [Theory]
    [InlineData(0L, null, "parameters is 0")]
    [InlineData(null, -5L, "multiply-adds is -5")]
    public void ImpossibleLimits_AreRefused(long? parameters, long? multiplyAdds, string message) => Assert.Contains(
        message, Assert.Throws<BadOptionException>(() => new CostLimits(parameters, multiplyAdds).Validate()).Message, StringComparison.Ordinal);

    [Fact]
    public void Limits_AreWrittenInWords()
    {
        Assert.Equal("no limit", CostLimits.None.ToString());
        Assert.Equal("at most 500,000 parameters and at most 40,000,000 multiply-adds", new CostLimits(500_000, 40_000_000).ToString());
    }
}
