using CsCheck;
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
        Assert.True(new CostLimits(null, null, 2.5).Admits(new Cost(11, 20, 2.5)));
        Assert.False(new CostLimits(null, null, 2.5).Admits(new Cost(11, 20, 2.6)));
        Assert.False(new CostLimits(null, null, 2.5).Admits(new Cost(11, 20)), "a latency that is not known keeps no limit");
    }

    [Fact]
    public void Excess_IsAbove1ExactlyWhereALimitIsExceeded() =>
        Gen.Select(Limit, Limit, Limit, Gen.Long[1, 20], Gen.Long[1, 20], Gen.Long[1, 20])
        .Sample((parameters, multiplyAdds, latency, p, m, l) =>
        {
            var limits = new CostLimits(parameters, multiplyAdds, latency);
            var cost = new Cost(p, m, l);
            Assert.Equal(limits.Admits(cost), limits.Excess(cost) <= 1);
        });

    private static readonly Gen<long?> Limit = Gen.Long[0, 20].Select(limit => limit == 0 ? null : (long?)limit);

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void ImpossibleLatencies_AreRefused(double latency) => Assert.Contains(
        "limit on latency", Assert.Throws<BadOptionException>(() => new CostLimits(null, null, latency).Validate()).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData(0L, null, "parameters is 0")]
    [InlineData(null, -5L, "multiply-adds is -5")]
    public void ImpossibleLimits_AreRefused(long? parameters, long? multiplyAdds, string message)
    {
        var error = Assert.Throws<BadOptionException>(() => new CostLimits(parameters, multiplyAdds).Validate());
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Limits_AreWrittenInWords()
    {
        Assert.Equal("no limit", CostLimits.None.ToString());
        Assert.Equal("at most 500,000 parameters and at most 40,000,000 multiply-adds", new CostLimits(500_000, 40_000_000).ToString());
        Assert.Equal("at most 12.5 ms of latency", new CostLimits(null, null, 12.5).ToString());
    }
}
