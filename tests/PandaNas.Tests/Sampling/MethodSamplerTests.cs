using CsCheck;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Sampling;

/// <summary>The path samplers of the methods that PA&amp;DA is compared with.</summary>
public sealed class MethodSamplerTests
{
    private const int Kinds = 5;
    private const int Draws = 20_000;

    private static readonly ToySpace Space = ToySpace.Mixed;

    [Fact]
    public void FairPaths_UseEveryCandidateOfEveryChoiceOnceAStep() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 8], Gen.Long).Sample((candidates, choices, seed) =>
        {
            var sampler = new FairPathSampler(new ToySpace([.. Enumerable.Repeat(candidates, choices)]));
            Assert.Equal(candidates, sampler.PathsPerStep);
            var random = RandomStream.Derive(seed, "paths");
            for (int step = 0; step < 5; step++)
            {
                IReadOnlyList<Architecture> paths = sampler.Sample(random);
                for (int choice = 0; choice < choices; choice++)
                    Assert.Equal(Enumerable.Range(0, candidates), paths.Select(path => path[choice]).Order());
            }
        });

    [Fact]
    public void FairPaths_DealUnequalChoicesAsEvenlyAsTheyCan() =>
        Gen.Select(Gen.Int[1, 6].Array[1, 6], Gen.Long).Sample((sizes, seed) =>
        {
            var sampler = new FairPathSampler(new ToySpace(sizes));
            IReadOnlyList<Architecture> paths = sampler.Sample(RandomStream.Derive(seed, "paths"));
            Assert.Equal(sizes.Max(), paths.Count);
            for (int choice = 0; choice < sizes.Length; choice++)
            {
                int[] times = [.. Enumerable.Range(0, sizes[choice]).Select(candidate => paths.Count(path => path[choice] == candidate))];
                Assert.InRange(times.Max() - times.Min(), 0, 1);
            }
        });

    // Fair within a step, and each path by itself uniform, also where choices have different numbers of candidates.
    [Fact]
    public void FairPaths_AreUniformOneByOne()
    {
        var sampler = new FairPathSampler(Space);
        foreach (int path in (int[])[0, 3, 4]) CheckDraws(sampler, path, Observed.Uniform(Space));
    }

    [Fact]
    public void FrozenPaths_ChangeWithTheEpochOnly()
    {
        var sampler = new EpochFrozenPathSampler(new FairPathSampler(Space), Space);
        var random = RandomStream.Derive(1, "paths");
        IReadOnlyList<Architecture> first = sampler.Sample(random);
        Assert.Equal(Kinds, first.Count);
        for (int step = 0; step < 5; step++) Assert.Equal(first, sampler.Sample(random));
        sampler.EndEpoch(0.5);
        Assert.NotEqual(first, sampler.Sample(random));
    }

    [Fact]
    public void FrozenPaths_SurviveSavingWithinAnEpoch()
    {
        var sampler = new EpochFrozenPathSampler(new FairPathSampler(Space), Space);
        var random = RandomStream.Derive(1, "paths");
        SamplerState before = sampler.Save();
        IReadOnlyList<Architecture> paths = sampler.Sample(random);
        var restored = new EpochFrozenPathSampler(new FairPathSampler(Space), Space);
        restored.Restore(sampler.Save());
        Assert.Equal(paths, restored.Sample(RandomStream.Derive(2, "paths")));
        restored.Restore(before);
        Assert.NotEqual(paths, restored.Sample(RandomStream.Derive(2, "paths")));
    }

    [Fact]
    public void ChoiceGradientNorms_CountAtTheirChoiceOnly()
    {
        var sampler = new ChoiceGradientNormPathSampler(Space, _ => 0.75);
        Assert.True(sampler.NeedsGradientNorms);
        CheckDraws(sampler, 0, Observed.Uniform(Space));

        sampler.Observe(Observed.Norms(Space, (0, 2, 4), (1, 0, 1), (2, 1, 0), (3, 0, 7)));
        sampler.Observe(Observed.Norms(Space, (0, 3, 6), (1, 1, 3), (2, 2, 0), (3, 0, 7)));
        sampler.EndEpoch(1);
        double[][] expected =
        [
            [0.05, 0.05, 0.05 + 0.75 * 0.4, 0.05 + 0.75 * 0.6, 0.05],
            [0.125 + 0.75 * 0.25, 0.125 + 0.75 * 0.75],
            [1, 1, 1],
            [1],
        ];
        CheckDraws(sampler, 0, expected);
        // The mean over the choices, with the probabilities above.
        Assert.Equal(1, sampler.Probabilities.Sum(), 1e-12);
        Assert.Equal((expected[0][3] + 1.0 / 3) / 4, sampler.Probabilities[3], 1e-12);

        var restored = new ChoiceGradientNormPathSampler(Space, _ => 0.75);
        restored.Restore(sampler.Save());
        CheckDraws(restored, 0, expected);
        Assert.Throws<BadDataException>(() => restored.Restore(SamplerState.Empty));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunningNorms_AreCarriedOnlyWhenAskedTo(bool carry)
    {
        var space = new ToySpace(2);
        IPathSampler[] samplers =
            [new GradientNormPathSampler(space, _ => 1, carry), new ChoiceGradientNormPathSampler(space, _ => 1, carry)];
        foreach (IPathSampler sampler in samplers)
        {
            sampler.ObserveKinds(space, 4, 0);
            sampler.EndEpoch(0.5);
            sampler.Observe(Observed.Norms(space, (0, 1, 3)));
            sampler.EndEpoch(1);
            // m of the first kind: 4/2 = 2, carried or forgotten; of the second: 3/2.
            Assert.Equal(carry ? 2 / 3.5 : 0, sampler.Probabilities[0], 1e-12);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunningImportances_AreCarriedOnlyWhenAskedTo(bool carry)
    {
        var sampler = new ImportanceDataSampler(2, _ => 1, carry);
        sampler.Observe([0, 1], [1, 0.5f]);
        sampler.EndEpoch(0.5);
        sampler.Observe([1], [1.5f]);
        sampler.EndEpoch(1);
        Assert.Equal(carry ? 0.5 : 0, sampler.Probabilities[0], 1e-12);
    }

    [Fact]
    public void BiasedPaths_DriftToTheKindsThatMakeAChoiceLarger()
    {
        var sampler = new BiasedPathSampler(Space, Size, progress => progress);
        double[] expected = [.. new[] { 0, 0, 0.5, 0.5, 0 }.Select(weight => 0.6 * weight + 0.4 / Kinds)];
        sampler.EndEpoch(0.6);
        for (int kind = 0; kind < Kinds; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        CheckDraws(sampler, 0, [[.. expected], [expected[4], expected[2]], [expected[3], expected[0], expected[1]], [1]]);

        var restored = new BiasedPathSampler(Space, Size, progress => progress);
        restored.Restore(sampler.Save());
        Assert.Equal(sampler.Probabilities.AsEnumerable(), restored.Probabilities);
    }

    [Fact]
    public void SandwichPaths_AreTheLargestTheSmallestAndRandomOnes()
    {
        var sampler = new SandwichPathSampler(Space, Size);
        Assert.Equal(4, sampler.PathsPerStep);
        CheckDraws(sampler, 0, [[0, 0, 0, 1, 0], [0, 1], [1, 0, 0], [1]]);
        CheckDraws(sampler, 1, [[1, 1, 0, 0, 1], [1, 0], [0, 1, 1], [1]]);
        foreach (int random in (int[])[2, 3]) CheckDraws(sampler, random, Observed.Uniform(Space));
    }

    [Fact]
    public void GradualPaths_DifferInOneOperation()
    {
        var sampler = new GradualPathSampler(Space);
        var random = RandomStream.Derive(8, "paths");
        Architecture last = sampler.Sample(random)[0];
        var changed = new int[Space.Choices.Length];
        int[] to = new int[5];
        for (int step = 0; step < Draws; step++)
        {
            Architecture next = Assert.Single(sampler.Sample(random));
            int choice = Assert.Single(Enumerable.Range(0, changed.Length), choice => next[choice] != last[choice]);
            changed[choice]++;
            if (choice == 0) to[(next[0] - last[0] + 5) % 5]++;
            last = next;
        }
        ChiSquare.AssertFits(changed, [1, 1, 1, 0]);
        ChiSquare.AssertFits(to, [0, 1, 1, 1, 1]);

        var restored = new GradualPathSampler(Space);
        restored.Restore(sampler.Save());
        RandomStream one = RandomStream.Derive(9, "paths"), other = RandomStream.Derive(9, "paths");
        for (int i = 0; i < 20; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
    }

    [Fact]
    public void SpaceWithoutADecision_HasOneGradualPath()
    {
        var sampler = new GradualPathSampler(new ToySpace(1, 1));
        var random = RandomStream.Derive(8, "paths");
        for (int i = 0; i < 3; i++) Assert.Equal(new Architecture([0, 0]), sampler.Sample(random)[0]);
    }

    [Fact]
    public void BadStates_AreRefused()
    {
        var gradual = new GradualPathSampler(Space);
        foreach (double[] path in (double[][])[[0, 0, 0], [0, 2, 0, 0], [0, 0.5, 0, 0], [-1, -1, -1, 0], [0, 0, 0, double.NaN]])
            Assert.Throws<BadDataException>(() => gradual.Restore(SamplerState.Of(("last_path", path))));
        var frozen = new EpochFrozenPathSampler(new FairPathSampler(Space), Space);
        Assert.Throws<BadDataException>(
            () => frozen.Restore(SamplerState.Of(("frozen_paths", [.. Enumerable.Repeat(4.0, Kinds * Space.Choices.Length)]))));
        Assert.Throws<BadDataException>(() => frozen.Restore(SamplerState.Empty));
        var biased = new BiasedPathSampler(Space, Size, progress => progress);
        Assert.Throws<BadDataException>(() => biased.Restore(SamplerState.Of(("probabilities", [1, 1, 0, 0, 0]))));
    }

    // What the kinds add, wherever they stand.
    private static double Size(Architecture path) =>
        Enumerable.Range(0, Space.Choices.Length).Sum(choice => Space.OperationAt(path, choice) switch { 2 => 2, 3 => 9, _ => 0 });

    private static void CheckDraws(IPathSampler sampler, int place, double[][] weights) =>
        Observed.AssertDraws(sampler, place, Draws, weights);
}
