using System.Collections.Immutable;
using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class PathDistributionTests
{
    private static readonly ImmutableArray<ImmutableArray<int>> Choices = [[0, 1, 2], [2, 0]];

    private static readonly Gen<double[][]> Weights = Gen.Select(Gen.Double[0.01, 1].Array[3], Gen.Double[0.01, 1].Array[2], (one, other) => new[] { one, other });

    // What makes an importance-weighted mean that of uniform paths: E_p[w·f] = E_uniform[f] for every f, so for every path by itself.
    [Fact]
    public void UniformRatio_UndoesTheDistribution() => Weights.Sample(weights =>
    {
        PathDistribution distribution = PathDistribution.ByChoice(weights);
        for (int one = 0; one < 3; one++)
            for (int other = 0; other < 2; other++)
                Assert.Equal(1.0 / 6, distribution.Probability(0, one) * distribution.Probability(1, other) * distribution.UniformRatio([one, other]), 1e-12);
    });

    [Fact]
    public void Draws_FollowTheProbabilities()
    {
        PathDistribution distribution = PathDistribution.ByKind(Choices, [0.5, 0.1, 0.4]);
        var random = RandomStream.Derive(3, "paths");
        int[][] counts = [new int[3], new int[2]];
        for (int i = 0; i < 20_000; i++)
        {
            int[] path = distribution.Draw(random);
            for (int choice = 0; choice < 2; choice++) counts[choice][path[choice]]++;
        }
        ChiSquare.AssertFits(counts[0], [0.5, 0.1, 0.4]);
        ChiSquare.AssertFits(counts[1], [0.4, 0.5]);
        Assert.Equal(4.0 / 9, distribution.Probability(1, 0), 1e-12);
    }

    [Fact]
    public void CoversAll_UnlessACandidateIsNeverDrawnBesideOthers()
    {
        Assert.True(PathDistribution.Uniform(Choices).CoversAll);
        Assert.True(PathDistribution.ByKind(Choices, [0.5, 0.1, 0.4]).CoversAll);
        Assert.False(PathDistribution.ByKind(Choices, [0.5, 0, 0.5]).CoversAll);
        // A choice whose candidates all have probability 0 is drawn uniformly.
        Assert.True(PathDistribution.ByChoice([[1, 1, 1], [0, 0]]).CoversAll);
        Assert.Equal(1, PathDistribution.ByChoice([[1, 1, 1], [0, 0]]).UniformRatio([2, 1]), 1e-12);
    }
}
