using CsCheck;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Sampling;

public sealed class PathSamplerTests
{
    private const int Kinds = 5;

    private static readonly ToySpace Space = ToySpace.Mixed;

    private static readonly Gen<double> Norm = Gen.OneOf(
        Gen.Double[0, 10], Gen.Const(0.0), Gen.Const(double.NaN), Gen.Const(double.PositiveInfinity), Gen.Const(1e308), Gen.Const(1e-308),
        Gen.Const(double.Epsilon));

    [Fact]
    public void UniformPaths_TakeEveryCandidateOfAChoiceEquallyOften()
    {
        IPathSampler sampler = new UniformPathSampler(Space);
        Assert.False(sampler.NeedsGradientNorms);
        CheckDraws(sampler, Observed.Uniform(Space));
    }

    [Fact]
    public void NewGradientNormSampler_IsUniform() =>
        CheckDraws(new GradientNormPathSampler(Space, progress => progress), Observed.Uniform(Space));

    [Fact]
    public void GradientNormPaths_FollowTheProbabilitiesOfTheKindsOnOffer()
    {
        var sampler = new GradientNormPathSampler(Space, _ => 0.8);
        sampler.ObserveKinds(Space, 0, 1, 2, 4, 0.5);
        sampler.EndEpoch(0.5);
        double[] expected = [.. new[] { 0, 1, 2, 4, 0.5 }.Select(norm => 0.8 * norm / 7.5 + 0.2 / Kinds)];
        for (int kind = 0; kind < Kinds; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        CheckDraws(sampler, [[.. expected], [expected[4], expected[2]], [expected[3], expected[0], expected[1]], [1]]);
    }

    // With full confidence a kind without gradient has probability 0, whatever its place among the candidates.
    [Fact]
    public void KindsOfProbabilityZero_AreNotDrawnBesideOthers()
    {
        ToySpace space = ToySpace.OfKinds(Kinds, [0, 1, 2, 3, 4], [3, 0], [0, 3]);
        var sampler = new GradientNormPathSampler(space, _ => 1);
        sampler.ObserveKinds(space, 0, 0, 2, 4, 0);
        sampler.EndEpoch(1);
        CheckDraws(sampler, [[0, 0, 1, 2, 0], [1, 0], [0, 1]]);
    }

    [Fact]
    public void ChoiceWhoseKindsAllHaveProbabilityZero_IsUniform()
    {
        ToySpace space = ToySpace.OfKinds(Kinds, [0, 1, 4], [2]);
        var sampler = new GradientNormPathSampler(space, _ => 1);
        sampler.Observe(Observed.Norms(space, (0, 1, 0), (1, 0, 2)));
        sampler.EndEpoch(1);
        CheckDraws(sampler, [[1, 1, 1], [1]]);
    }

    // Such as which edges a node keeps.
    [Fact]
    public void ChoiceBetweenSomethingElse_IsUniform()
    {
        var space = new ToySpace(Kinds, [new Choice("edges", 3), new Choice("edge", [3, 2])]);
        IPathSampler[] samplers = [new GradientNormPathSampler(space, _ => 1), new ChoiceGradientNormPathSampler(space, _ => 1)];
        foreach (IPathSampler sampler in samplers)
        {
            sampler.Observe(Observed.Norms(space, (1, 0, 4)));
            sampler.Observe(Observed.Norms(space, (1, 1, 2)));
            sampler.EndEpoch(1);
            CheckDraws(sampler, [[1, 1, 1], [2, 1]]);
        }
        CheckDraws(new UniformPathSampler(space), [[1, 1, 1], [1, 1]]);
    }

    // As the paper has it: the sum over the choices that take a kind, divided by how many do, whether or not it has weights there.
    [Fact]
    public void NormOfAKind_IsTheMeanOverTheChoicesThatTakeIt()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress);
        sampler.Observe(Observed.Norms(Space, (0, 2, 1), (1, 1, 2), (2, 1, 0), (3, 0, 6)));
        Assert.Equal([0, 0, (1 + 2 + 6) / 3.0 / 2, 0, 0], sampler.Save().Values["running_norms"]);
    }

    [Fact]
    public void NormsThatOverflowed_AreLeftOut()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress);
        sampler.ObserveKinds(Space, 1, double.NaN, double.PositiveInfinity, 4, 5);
        Assert.Equal([0.5, 0, 0, 2, 2.5], sampler.Save().Values["running_norms"]);
    }

    [Fact]
    public void RunningNorms_AreHalvedTowardsEachNewOneAndForgottenAtTheEpochsEnd()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress / 2);
        sampler.Observe(Observed.Norms(Space, (0, 3, 8), (1, 1, 4), (2, 2, 0)));
        sampler.Observe(Observed.Norms(Space, (2, 2, 0), (3, 0, 2)));
        sampler.Observe(Observed.Norms(Space, (1, 0, 6), (2, 0, 1)));
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
        Gen.Select(Norm.Array[4].Array[0, 6], Gen.Double[0, 1], Gen.Long).Sample((epochs, confidence, seed) =>
        {
            var sampler = new GradientNormPathSampler(Space, _ => confidence);
            var random = RandomStream.Derive(seed, "paths");
            foreach (double[] norms in epochs)
            {
                sampler.Observe(new PathNorms(UniformArchitectures.Draw(Space, random), [.. norms.Select(norm => (double?)norm)]));
                sampler.Observe(new PathNorms(UniformArchitectures.Draw(Space, random), [.. norms.Select(norm => (double?)norm)]));
                sampler.EndEpoch(0.5);
                Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
                Assert.All(sampler.Probabilities, probability => Assert.True(probability >= 0));
                Space.Check(Assert.Single(sampler.Sample(random)));
            }
        });

    [Fact]
    public void RestoredSampler_GoesOnIdentically()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress);
        sampler.ObserveKinds(Space, 1, 2, 3, 4, 5);
        sampler.EndEpoch(0.5);
        sampler.ObserveKinds(Space, 5, 4, 3, 2, 1);
        var restored = new GradientNormPathSampler(Space, progress => progress);
        restored.Restore(sampler.Save());
        foreach (GradientNormPathSampler each in new[] { sampler, restored })
        {
            each.ObserveKinds(Space, 1, 1, 1, 1, 1);
            each.EndEpoch(0.75);
        }
        Assert.Equal(sampler.Probabilities.AsEnumerable(), restored.Probabilities);
        RandomStream one = RandomStream.Derive(1, "p"), other = RandomStream.Derive(1, "p");
        for (int i = 0; i < 50; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
    }

    [Fact]
    public void SavedState_IsACopy()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress);
        SamplerState saved = sampler.Save();
        sampler.ObserveKinds(Space, 1, 2, 3, 4, 5);
        sampler.EndEpoch(1);
        Assert.All(saved.Values["probabilities"], probability => Assert.Equal(0.2, probability));
        Assert.All(saved.Values["running_norms"], norm => Assert.Equal(0, norm));
    }

    [Fact]
    public void BadStates_AreRefused()
    {
        var sampler = new GradientNormPathSampler(Space, progress => progress);
        double[] fine = [0.2, 0.2, 0.2, 0.2, 0.2];
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Empty));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", fine))));
        Assert.Throws<BadDataException>(() => sampler.Restore(SamplerState.Of(("probabilities", fine), ("running_norms", [1, 2]))));
        Assert.Throws<BadDataException>(
            () => sampler.Restore(SamplerState.Of(("probabilities", [0.2, 0.2, 0.2, 0.2, double.NaN]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(
            () => sampler.Restore(SamplerState.Of(("probabilities", [0, 0, 0, 0, 0]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(
            () => sampler.Restore(SamplerState.Of(("probabilities", [-0.2, 0.6, 0.2, 0.2, 0.2]), ("running_norms", fine))));
        Assert.Throws<BadDataException>(
            () => sampler.Restore(SamplerState.Of(("probabilities", fine), ("running_norms", [1, 1, 1, 1, -1]))));
        ((IPathSampler)new UniformPathSampler(Space)).Restore(SamplerState.Empty);
    }

    private static void CheckDraws(IPathSampler sampler, double[][] weights)
    {
        Assert.Equal(1, sampler.PathsPerStep);
        Observed.AssertDraws(sampler, 0, 40_000, weights);
    }
}
