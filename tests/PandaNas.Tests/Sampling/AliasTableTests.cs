using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class AliasTableTests
{
    public static TheoryData<double[]> Distributions => new(
        [1.0, 1.0, 1.0, 1.0, 1.0],
        [0.0, 1.0, 2.0, 3.0, 4.0, 0.0],
        [1e-3, 1.0, 0.5, 0.1],
        [1e300, 3e300, 2e300],
        [1e-300, 3e-300, 2e-300],
        [7.0],
        [.. Enumerable.Range(0, 100).Select(i => 1.0 + i % 7)]);

    [Theory]
    [MemberData(nameof(Distributions))]
    public void Draws_FollowTheWeights(double[] weights)
    {
        var table = new AliasTable(weights);
        var random = RandomStream.Derive(11, "alias");
        var counts = new int[weights.Length];
        for (int i = 0; i < 60_000; i++) counts[table.Draw(random)]++;
        ChiSquare.AssertFits(counts, weights);
    }

    [Fact]
    public void OutcomesOfWeightZero_AreNeverDrawn() =>
        Gen.Select(
            Gen.Long,
            Gen.OneOf(Gen.Const(0.0), Gen.Double[0, 1], Gen.Const(1e-300), Gen.Const(double.Epsilon), Gen.Const(1e300)).Array[1, 30])
            .Where((_, weights) => weights.Any(weight => weight > 0) && double.IsFinite(weights.Sum()))
            .Sample((seed, weights) =>
            {
                var table = new AliasTable(weights);
                var random = RandomStream.Derive(seed, "alias");
                for (int i = 0; i < 300; i++) Assert.True(weights[table.Draw(random)] > 0);
            });

    public static TheoryData<double[]> NoDistributions =>
        new([], [0.0, 0.0], [1.0, -1.0], [double.NaN, 1.0], [1.0, double.PositiveInfinity], [double.MaxValue, double.MaxValue]);

    [Theory]
    [MemberData(nameof(NoDistributions))]
    public void WeightsThatAreNoDistribution_AreRefused(double[] weights) =>
        Assert.Throws<ArgumentException>(() => new AliasTable(weights));
}
