using CsCheck;
using PandaNas.Ranking.Rankers;

namespace PandaNas.Tests.Ranking.Rankers;

public sealed class ReferenceRanksTests
{
    // Few values, so that many are equal, and some that are not finite.
    private static readonly Gen<double[]> Samples = Gen.OneOf(
        Gen.Int[0, 8].Select(value => value / 4.0), Gen.Int[-500, 500].Select(value => value / 97.0),
        Gen.Const(double.NaN), Gen.Const(double.NegativeInfinity))
        .Array[1, 40];

    [Fact]
    public void OfTheSample_RanksAreAverageRanks() => Samples.Sample(sample =>
    {
        var ranks = new ReferenceRanks(sample);
        double[] ordered = [.. sample.Select(score => double.IsFinite(score) ? score : double.NegativeInfinity)];
        for (int i = 0; i < sample.Length; i++)
        {
            double below = ordered.Count(score => score < ordered[i]), equal = ordered.Count(score => score == ordered[i]);
            Assert.Equal(below + (equal + 1) / 2, ranks.RankOf(sample[i]), 9);
        }
    });

    [Fact]
    public void Ranks_GrowWithTheScore_AndStayWithinTheirBounds() =>
        Gen.Select(Samples, Gen.Double[-20, 20], Gen.Double[-20, 20]).Sample((sample, one, other) =>
        {
            var ranks = new ReferenceRanks(sample);
            (double low, double high) = (Math.Min(one, other), Math.Max(one, other));
            Assert.InRange(ranks.RankOf(low), 0.5, sample.Length + 0.5);
            Assert.InRange(ranks.RelativeRankOf(low), double.Epsilon, 1);
            if (!sample.Any(double.IsFinite)) return;
            if (high - low > 1e-6) Assert.True(ranks.RankOf(low) < ranks.RankOf(high), $"{low} ranks no lower than {high}");
            Assert.True(ranks.RankOf(double.NaN) < ranks.RankOf(low), "what is not finite ranks no lower");
        });

    [Fact]
    public void Between_TheRankLiesAsTheScoreDoes_AndOutside_ItNearsTheEnds()
    {
        var ranks = new ReferenceRanks([1, 3, 3, 7]);
        Assert.Equal([1, 1.75, 2.5, 3.25, 4], ((double[])[1, 2, 3, 5, 7]).Select(ranks.RankOf));
        // The mean gap is 3: one gap away the rank has gone half of the way.
        Assert.Equal([0.75, 4.25], ((double[])[-2, 10]).Select(ranks.RankOf));
        Assert.Equal([0.5, 4.5], ((double[])[-1e300, 1e300]).Select(ranks.RankOf));
        Assert.Equal(0.5, ranks.RankOf(double.PositiveInfinity));
        Assert.Equal(2.5 / 4.5, ranks.RelativeRankOf(3));
    }

    [Fact]
    public void AConstantSample_StillTellsAboveFromBelow()
    {
        var ranks = new ReferenceRanks([2, 2, double.NaN]);
        Assert.Equal((1, 2.5, 1), (ranks.NotFinite, ranks.RankOf(2), ranks.RankOf(double.NaN)));
        Assert.True(ranks.RankOf(1.9) is > 1 and < 2.5);
        Assert.True(ranks.RankOf(2.1) is > 2.5 and < 3.5);
    }
}
