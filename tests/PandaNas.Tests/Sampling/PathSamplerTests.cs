using System.Collections.Immutable;
using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class PathSamplerTests
{
    private const int Kinds = 5;

    // Choices with all kinds, with some, in another order, with a single one.
    private static readonly ImmutableArray<ImmutableArray<int>> Choices = [[0, 1, 2, 3, 4], [4, 2], [3, 0, 1], [2]];

    private static readonly Gen<double> Norm = Gen.OneOf(
        Gen.Double[0, 10], Gen.Const(0.0), Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(1e308), Gen.Const(1e-308), Gen.Const(double.Epsilon));

    [Fact]
    public void UniformPaths_TakeEveryCandidateOfAChoiceEquallyOften()
    {
        var sampler = new UniformPathSampler(Choices, Kinds);
        Assert.False(sampler.NeedsGradientNorms);
        CheckDraws(sampler, Choices.Select(candidates => candidates.Select(_ => 1.0).ToArray()).ToArray());
    }

    [Fact]
    public void NewGradientNormSampler_IsUniform() =>
        CheckDraws(new GradientNormPathSampler(Choices, Kinds, progress => progress), Choices.Select(candidates => candidates.Select(_ => 1.0).ToArray()).ToArray());

    [Fact]
    public void GradientNormPaths_FollowTheProbabilitiesOfTheKindsOnOffer()
    {
        var sampler = new GradientNormPathSampler(Choices, Kinds, _ => 0.8);
        sampler.Observe([0, 1, 2, 4, 0.5]);
        sampler.EndEpoch(0.5);
        double[] expected = [.. new[] { 0, 1, 2, 4, 0.5 }.Select(norm => 0.8 * norm / 7.5 + 0.2 / Kinds)];
        for (int kind = 0; kind < Kinds; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        CheckDraws(sampler, Choices.Select(candidates => candidates.Select(kind => expected[kind]).ToArray()).ToArray());
    }

    // With full confidence a kind without gradient has probability 0, whatever its place among the candidates.
    [Fact]
    public void KindsOfProbabilityZero_AreNotDrawnBesideOthers()
    {
        ImmutableArray<ImmutableArray<int>> choices = [[0, 1, 2, 3, 4], [3, 0], [0, 3]];
        var sampler = new GradientNormPathSampler(choices, Kinds, _ => 1);
        sampler.Observe([0, 0, 2, 4, 0]);
        sampler.EndEpoch(1);
        CheckDraws(sampler, [[0, 0, 1, 2, 0], [1, 0], [0, 1]]);
    }

    [Fact]
    public void ChoiceWhoseKindsAllHaveProbabilityZero_IsUniform()
    {
        ImmutableArray<ImmutableArray<int>> choices = [[0, 1, 4], [2]];
        var sampler = new GradientNormPathSampler(choices, Kinds, _ => 1);
        sampler.Observe([0, 0, 2, 4, 0]);
        sampler.EndEpoch(1);
        CheckDraws(sampler, [[1, 1, 1], [1]]);
    }

    // Such as which edges a node keeps.
    [Fact]
    public void ChoiceWithoutOperations_IsUniform()
    {
        ImmutableArray<ImmutableArray<int>> choices = [[-1, -1, -1], [3, 2]];
        var sampler = new GradientNormPathSampler(choices, Kinds, _ => 1);
        sampler.Observe([0, 0, 2, 4, 0]);
        sampler.EndEpoch(1);
        CheckDraws(sampler, [[1, 1, 1], [2, 1]]);
        CheckDraws(new UniformPathSampler(choices, Kinds), [[1, 1, 1], [1, 1]]);
    }

    [Fact]
    public void RunningNorms_AreHalvedTowardsEachNewOneAndForgottenAtTheEpochsEnd()
    {
        var sampler = new GradientNormPathSampler(Choices, Kinds, progress => progress / 2);
        sampler.Observe([double.NaN, 0, 4, 8, double.NaN]);
        sampler.Observe([double.NaN, 0, 2, double.NaN, double.NaN]);
        sampler.Observe([double.NaN, double.NaN, double.NaN, 1, 6]);
        // m: -, 0, (4/2 + 2)/2 = 2, (8/2 + 1)/2 = 2.5, 6/2 = 3.
        Assert.Equal([0, 0, 2, 2.5, 3], sampler.Save().Values["running_norms"]);
        sampler.EndEpoch(0.4);
        double[] expected = [0.16, 0.16, 0.16 + 0.2 * 2 / 7.5, 0.16 + 0.2 * 2.5 / 7.5, 0.16 + 0.2 * 3 / 7.5];
        for (int kind = 0; kind < Kinds; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        Assert.Equal([0, 0, 0, 0, 0], sampler.Save().Values["running_norms"]);

        sampler.EndEpoch(1);
        Assert.All(sampler.Probabilities, probability => Assert.Equal(0.2, probability, 1e-12));
    }

    [Fact]
    public void Probabilities_AreADistributionAfterEveryEpoch() =>
        Gen.Select(Norm.Array[Kinds].Array[0, 6], Gen.Double[0, 1], Gen.Long).Sample((epochs, confidence, seed) =>
        {
            var sampler = new GradientNormPathSampler(Choices, Kinds, _ => confidence);
            var random = RandomStream.Derive(seed, "paths");
            foreach (double[] norms in epochs)
            {
                sampler.Observe(norms);
                sampler.Observe(norms);
                sampler.EndEpoch(0.5);
                Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
                Assert.All(sampler.Probabilities, probability => Assert.True(probability >= 0));
                int[] path = Assert.Single(sampler.Sample(random));
                for (int choice = 0; choice < path.Length; choice++) Assert.InRange(path[choice], 0, Choices[choice].Length - 1);
            }
        });

    [Fact]
    public void RestoredSampler_GoesOnIdentically()
    {
        var sampler = new GradientNormPathSampler(Choices, Kinds, progress => progress);
        sampler.Observe([1, 2, 3, 4, 5]);
        sampler.EndEpoch(0.5);
        sampler.Observe([5, 4, double.NaN, 2, 1]);
        var restored = new GradientNormPathSampler(Choices, Kinds, progress => progress);
        restored.Restore(sampler.Save());
        foreach (GradientNormPathSampler each in new[] { sampler, restored })
        {
            each.Observe([1, 1, 1, 1, 1]);
            each.EndEpoch(0.75);
        }
        Assert.Equal(sampler.Probabilities.AsEnumerable(), restored.Probabilities);
        RandomStream one = RandomStream.Derive(1, "p"), other = RandomStream.Derive(1, "p");
        for (int i = 0; i < 50; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
    }

    [Fact]
    public void SavedState_IsACopy()
    {
        var sampler = new GradientNormPathSampler(Choices, Kinds, progress => progress);
        SamplerState saved = sampler.Save();
        sampler.Observe([1, 2, 3, 4, 5]);
        sampler.EndEpoch(1);
        Assert.All(saved.Values["probabilities"], probability => Assert.Equal(0.2, probability));
        Assert.All(saved.Values["running_norms"], norm => Assert.Equal(0, norm));
    }

    [Fact]
    public void BadStates_AreRefused()
    {
        var sampler = new GradientNormPathSampler(Choices, Kinds, progress => progress);
        double[] fine = [0.2, 0.2, 0.2, 0.2, 0.2];
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Empty));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", fine))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", fine), ("running_norms", [1, 2]))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", [0.2, 0.2, 0.2, 0.2, double.NaN]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", [0, 0, 0, 0, 0]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", [-0.2, 0.6, 0.2, 0.2, 0.2]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", fine), ("running_norms", [1, 1, 1, 1, -1]))));
        new UniformPathSampler(Choices, Kinds).Restore(SamplerState.Empty);
    }

    private static void CheckDraws(IPathSampler sampler, double[][] weights)
    {
        var random = RandomStream.Derive(21, "paths");
        int[][] counts = [.. weights.Select(row => new int[row.Length])];
        for (int i = 0; i < 40_000; i++)
        {
            int[] path = Assert.Single(sampler.Sample(random));
            for (int choice = 0; choice < counts.Length; choice++) counts[choice][path[choice]]++;
        }
        for (int choice = 0; choice < counts.Length; choice++) ChiSquare.AssertFits(counts[choice], weights[choice]);
    }
}
