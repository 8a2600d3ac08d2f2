using CsCheck;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Sampling;

public sealed class PathDistributionTests
{
    private static readonly ToySpace Space = ToySpace.OfKinds(3, [0, 1, 2], [2, 0]);

    private static readonly Gen<double[][]> Weights =
        Gen.Select(Gen.Double[0.01, 1].Array[3], Gen.Double[0.01, 1].Array[2], (one, other) => new[] { one, other });

    // What makes an importance-weighted mean that of uniform paths: E_p[w·f] = E_uniform[f] for every f, so for every path by itself.
    [Fact]
    public void UniformRatio_UndoesTheDistribution() => Weights.Sample(weights =>
    {
        PathDistribution distribution = ByChoice(weights);
        for (int one = 0; one < 3; one++)
            for (int other = 0; other < 2; other++)
            {
                double probability = distribution.Probability(0, one) * distribution.Probability(1, other);
                Assert.Equal(1.0 / 6, probability * distribution.UniformRatio(new Architecture([one, other])), 1e-12);
            }
    });

    [Fact]
    public void Draws_FollowTheProbabilities()
    {
        PathDistribution distribution = PathDistribution.ByOperation(Space, [0.5, 0.1, 0.4]);
        var random = RandomStream.Derive(3, "paths");
        int[][] counts = [new int[3], new int[2]];
        for (int i = 0; i < 20_000; i++)
        {
            Architecture path = distribution.Draw(random);
            for (int choice = 0; choice < 2; choice++) counts[choice][path[choice]]++;
        }
        ChiSquare.AssertFits(counts[0], [0.5, 0.1, 0.4]);
        ChiSquare.AssertFits(counts[1], [0.4, 0.5]);
        Assert.Equal(4.0 / 9, distribution.Probability(1, 0), 1e-12);
    }

    [Fact]
    public void CoversAll_UnlessACandidateIsNeverDrawnBesideOthers()
    {
        Assert.True(PathDistribution.Uniform(Space).CoversAll);
        Assert.True(PathDistribution.ByOperation(Space, [0.5, 0.1, 0.4]).CoversAll);
        Assert.False(PathDistribution.ByOperation(Space, [0.5, 0, 0.5]).CoversAll);
        // A choice whose candidates all have probability 0 is drawn uniformly.
        Assert.True(ByChoice([1, 1, 1], [0, 0]).CoversAll);
        Assert.Equal(1, ByChoice([1, 1, 1], [0, 0]).UniformRatio(new Architecture([2, 1])), 1e-12);
    }

    private static PathDistribution ByChoice(params double[][] probabilities) =>
        PathDistribution.ByChoice(Space, choice => probabilities[choice]);
}
