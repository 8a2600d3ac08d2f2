using System.Collections.Immutable;
using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

/// <summary>The path samplers of the methods that PA&amp;DA is compared with.</summary>
public sealed class MethodSamplerTests
{
    private const int Kinds = 5;
    private const int Draws = 20_000;

    // Choices with all kinds, with some, in another order, with a single one.
    private static readonly ImmutableArray<ImmutableArray<int>> Choices = [[0, 1, 2, 3, 4], [4, 2], [3, 0, 1], [2]];

    [Fact]
    public void FairPaths_UseEveryCandidateOfEveryChoiceOnceAStep() =>
        Gen.Select(Gen.Int[1, 6], Gen.Int[1, 8], Gen.Long).Sample((candidates, choices, seed) =>
        {
            var sampler = new FairPathSampler([.. Enumerable.Repeat(Enumerable.Range(0, candidates).ToImmutableArray(), choices)], candidates);
            Assert.Equal(candidates, sampler.PathsPerStep);
            var random = RandomStream.Derive(seed, "paths");
            for (int step = 0; step < 5; step++)
            {
                IReadOnlyList<int[]> paths = sampler.Sample(random);
                for (int choice = 0; choice < choices; choice++) Assert.Equal(Enumerable.Range(0, candidates), paths.Select(path => path[choice]).Order());
            }
        });

    [Fact]
    public void FairPaths_DealUnequalChoicesAsEvenlyAsTheyCan() =>
        Gen.Select(Gen.Int[1, 6].Array[1, 6], Gen.Long).Sample((sizes, seed) =>
        {
            var sampler = new FairPathSampler([.. sizes.Select(size => Enumerable.Range(0, size).ToImmutableArray())], sizes.Max());
            IReadOnlyList<int[]> paths = sampler.Sample(RandomStream.Derive(seed, "paths"));
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
        var sampler = new FairPathSampler(Choices, Kinds);
        foreach (int path in (int[])[0, 3, 4]) CheckDraws(sampler, path, [.. Choices.Select(candidates => candidates.Select(_ => 1.0).ToArray())]);
    }

    [Fact]
    public void FrozenPaths_ChangeWithTheEpochOnly()
    {
        var sampler = new EpochFrozenPathSampler(new FairPathSampler(Choices, Kinds), Choices);
        var random = RandomStream.Derive(1, "paths");
        IReadOnlyList<int[]> first = sampler.Sample(random);
        Assert.Equal(Kinds, first.Count);
        for (int step = 0; step < 5; step++) Assert.Equal(first, sampler.Sample(random));
        sampler.EndEpoch(0.5);
        Assert.NotEqual(first, sampler.Sample(random));
    }

    [Fact]
    public void FrozenPaths_SurviveSavingWithinAnEpoch()
    {
        var sampler = new EpochFrozenPathSampler(new FairPathSampler(Choices, Kinds), Choices);
        var random = RandomStream.Derive(1, "paths");
        SamplerState before = sampler.Save();
        IReadOnlyList<int[]> paths = sampler.Sample(random);
        var restored = new EpochFrozenPathSampler(new FairPathSampler(Choices, Kinds), Choices);
        restored.Restore(sampler.Save());
        Assert.Equal(paths, restored.Sample(RandomStream.Derive(2, "paths")));
        restored.Restore(before);
        Assert.NotEqual(paths, restored.Sample(RandomStream.Derive(2, "paths")));
    }

    [Fact]
    public void ChoiceGradientNorms_CountAtTheirChoiceOnly()
    {
        var sampler = new ChoiceGradientNormPathSampler(Choices, Kinds, _ => 0.75);
        Assert.True(sampler.NormsByChoice && sampler.NeedsGradientNorms);
        CheckDraws(sampler, 0, [.. Choices.Select(candidates => candidates.Select(_ => 1.0).ToArray())]);

        // One path a row: what it takes at each choice has a norm, the rest has none.
        sampler.Observe(Norms((0, 2, 4), (1, 4, 1), (2, 0, 0), (3, 2, 7)));
        sampler.Observe(Norms((0, 3, 6), (1, 2, 3), (2, 1, 0), (3, 2, 7)));
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

        var restored = new ChoiceGradientNormPathSampler(Choices, Kinds, _ => 0.75);
        restored.Restore(sampler.Save());
        CheckDraws(restored, 0, expected);
        Assert.Throws<BadDataException>(() => restored.Restore(SamplerState.Empty));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RunningNorms_AreCarriedOnlyWhenAskedTo(bool carry)
    {
        foreach (IPathSampler sampler in (IPathSampler[])[new GradientNormPathSampler([[0, 1]], 2, _ => 1, carry), new ChoiceGradientNormPathSampler([[0, 1]], 2, _ => 1, carry)])
        {
            sampler.Observe([4, 0]);
            sampler.EndEpoch(0.5);
            sampler.Observe([double.NaN, 3]);
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
    public void BiasedPaths_DriftToTheirWeights()
    {
        var sampler = new BiasedPathSampler(Choices, [0, 0, 1, 3, 0], progress => progress);
        Assert.False(sampler.NeedsGradientNorms);
        sampler.Observe([9, 9, 9, 9, 9]);
        double[] expected = [.. new[] { 0, 0, 0.25, 0.75, 0 }.Select(weight => 0.6 * weight + 0.4 / Kinds)];
        sampler.EndEpoch(0.6);
        for (int kind = 0; kind < Kinds; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        CheckDraws(sampler, 0, [.. Choices.Select(candidates => candidates.Select(kind => expected[kind]).ToArray())]);

        var restored = new BiasedPathSampler(Choices, [0, 0, 1, 3, 0], progress => progress);
        restored.Restore(sampler.Save());
        Assert.Equal(sampler.Probabilities.AsEnumerable(), restored.Probabilities);
    }

    [Fact]
    public void SandwichPaths_AreTheLargestTheSmallestAndRandomOnes()
    {
        var sampler = new SandwichPathSampler(Choices, Kinds, [[0, 0, 2, 9, 0], [1, 5], [4, 4, 4], [7]]);
        Assert.Equal(4, sampler.PathsPerStep);
        CheckDraws(sampler, 0, [[0, 0, 0, 1, 0], [0, 1], [1, 1, 1], [1]]);
        CheckDraws(sampler, 1, [[1, 1, 0, 0, 1], [1, 0], [1, 1, 1], [1]]);
        foreach (int random in (int[])[2, 3]) CheckDraws(sampler, random, [.. Choices.Select(candidates => candidates.Select(_ => 1.0).ToArray())]);
    }

    [Fact]
    public void GradualPaths_DifferInOneOperation()
    {
        var sampler = new GradualPathSampler(Choices, Kinds);
        var random = RandomStream.Derive(8, "paths");
        int[] last = sampler.Sample(random)[0];
        var changed = new int[Choices.Length];
        int[] to = new int[5];
        for (int step = 0; step < Draws; step++)
        {
            int[] next = Assert.Single(sampler.Sample(random));
            int choice = Assert.Single(Enumerable.Range(0, next.Length), choice => next[choice] != last[choice]);
            changed[choice]++;
            if (choice == 0) to[(next[0] - last[0] + 5) % 5]++;
            last = next;
        }
        ChiSquare.AssertFits(changed, [1, 1, 1, 0]);
        ChiSquare.AssertFits(to, [0, 1, 1, 1, 1]);

        var restored = new GradualPathSampler(Choices, Kinds);
        restored.Restore(sampler.Save());
        RandomStream one = RandomStream.Derive(9, "paths"), other = RandomStream.Derive(9, "paths");
        for (int i = 0; i < 20; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
    }

    [Fact]
    public void SpaceWithoutADecision_HasOneGradualPath()
    {
        var sampler = new GradualPathSampler([[0], [1]], 2);
        var random = RandomStream.Derive(8, "paths");
        for (int i = 0; i < 3; i++) Assert.Equal([0, 0], sampler.Sample(random)[0]);
    }

    [Fact]
    public void BadStates_AreRefused()
    {
        var gradual = new GradualPathSampler(Choices, Kinds);
        foreach (double[] path in (double[][])[[0, 0, 0], [0, 2, 0, 0], [0, 0.5, 0, 0], [-1, -1, -1, 0], [0, 0, 0, double.NaN]])
            Assert.Throws<BadDataException>(() => gradual.Restore(SamplerState.Of(("last_path", path))));
        var frozen = new EpochFrozenPathSampler(new FairPathSampler(Choices, Kinds), Choices);
        Assert.Throws<BadDataException>(() => frozen.Restore(SamplerState.Of(("frozen_paths", [.. Enumerable.Repeat(4.0, Kinds * Choices.Length)]))));
        Assert.Throws<BadDataException>(() => frozen.Restore(SamplerState.Empty));
        var biased = new BiasedPathSampler(Choices, [0, 0, 1, 3, 0], progress => progress);
        Assert.Throws<BadDataException>(() => biased.Restore(SamplerState.Of(("probabilities", [1, 1, 0, 0, 0]))));
    }

    private static double[] Norms(params (int Choice, int Kind, double Norm)[] used)
    {
        var norms = new double[Choices.Length * Kinds];
        Array.Fill(norms, double.NaN);
        foreach ((int choice, int kind, double norm) in used) norms[choice * Kinds + kind] = norm;
        return norms;
    }

    // The path at one place of every step.
    private static void CheckDraws(IPathSampler sampler, int place, double[][] weights)
    {
        var random = RandomStream.Derive(21, "paths");
        int[][] counts = [.. weights.Select(row => new int[row.Length])];
        for (int i = 0; i < Draws; i++)
        {
            int[] path = sampler.Sample(random)[place];
            for (int choice = 0; choice < counts.Length; choice++) counts[choice][path[choice]]++;
        }
        for (int choice = 0; choice < counts.Length; choice++) ChiSquare.AssertFits(counts[choice], weights[choice]);
    }
}
