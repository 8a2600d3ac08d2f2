using CsCheck;
using PandaNas.Experiments.Methods;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Spaces;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests.Sampling;

public sealed class BalancedPathSamplerTests
{
    private const int Draws = 6_000;

    private static readonly ToySpace Space = new(3, 3, 3);

    [Fact]
    public void DepthsOfNasBench201_AreThePublishedGroups_EquallyLikely_WithoutDisconnectedPaths()
    {
        var family = new NasBench201Family();
        var sizes = new NetworkOptions(3, 8, 10, 4, 1);
        foreach (string method in (string[])["balanced", "balanced-pa"])
        {
            IPathSampler sampler = Catalog.Default.FindMethod(method).Paths(MethodSetting.Of(new(), family, sizes, 1));
            var random = RandomStream.Derive(3, "paths");
            var counts = new int[13];
            for (int i = 0; i < Draws; i++) counts[family.Depth(sizes, Assert.Single(sampler.Sample(random)))]++;
            // Disconnected ones have depth 0, those of the first group 3 or 6.
            ChiSquare.AssertFits([counts[0], counts[3] + counts[6], counts[9], counts[12]], [0, 1, 1, 1]);
            ChiSquare.AssertFits([counts[3], counts[6]], [1983 - 341, 7122]);
            Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
        }
    }

    // In every built-in space and in a user's own.
    [Fact]
    public void PartsOfAnySpace_AreEquallyLikely()
    {
        SpaceFamily[] families = [.. Catalog.Default.Spaces, SmallSpaces.FromYaml()];
        foreach (SpaceFamily family in families)
        {
            NetworkOptions sizes = family.Complete(new NetworkOptions(3, 32, 10, 0, 0), standalone: false);
            var strata = Strata.Of(family.Space, Depth);
            Assert.InRange(strata.Count, 2, 8);
            IPathSampler sampler = Catalog.Default.FindMethod("balanced").Paths(MethodSetting.Of(new(), family, sizes, 1));
            var random = RandomStream.Derive(5, "paths");
            var counts = new int[strata.Count];
            for (int i = 0; i < 1_000; i++)
            {
                Architecture path = Assert.Single(sampler.Sample(random));
                family.Space.Check(path);
                counts[strata.PartOf(path)!.Value]++;
            }
            ChiSquare.AssertFits(counts, [.. counts.Select(_ => 1.0)]);

            double? Depth(Architecture path) => family.Paths(sizes, path) is { ReadsImages: true } found ? found.Operations : null;
        }
    }

    [Fact]
    public void InsideAPart_AllArchitecturesAreEquallyLikely()
    {
        // 1, 3, 6, 7, 6, 3 and 1 of the 27; the two lowest are one.
        var sampler = new BalancedPathSampler(new UniformPathSampler(Space), () => Strata.Of(Space, Sum));
        var random = RandomStream.Derive(6, "paths");
        var counts = new int[27];
        double[] weights = [.. Enumerable.Range(0, 27).Select(number => 1.0 / PartSize(Sum(Space.At(number))!.Value))];
        for (int i = 0; i < 20_000; i++) counts[NumberOf(sampler.Sample(random)[0])]++;
        ChiSquare.AssertFits(counts, weights);
        for (int kind = 0; kind < 3; kind++)
            Assert.Equal(
                Enumerable.Range(0, 27).Sum(number => weights[number] * Space.At(number).Candidates.Count(one => one == kind)) / 18,
                sampler.Probabilities[kind], 0.02);
    }

    [Fact]
    public void WhereAllAreAsDeep_TheNextMeasureDivides()
    {
        var strata = Strata.Of(Space, _ => 4, path => path[0]);
        Assert.Equal([0, 0, 1], Enumerable.Range(0, 3).Select(first => strata.PartOf(new Architecture([first, 0, 0]))!.Value));
        Assert.Equal(1, Strata.Of(Space, _ => 4, _ => 7).Count);
    }

    // The rarest of eight equal ranges join their smaller neighbours until all are more than a fiftieth.
    [Fact]
    public void ManyValues_MakeEqualRanges_OfWhichNoneIsRare()
    {
        var wide = new ToySpace(2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2);
        var strata = Strata.Of(wide, path => path.Candidates.Sum());
        var random = RandomStream.Derive(7, "paths");
        var counts = new int[strata.Count];
        for (int i = 0; i < 20_000; i++) counts[strata.PartOf(UniformArchitectures.Draw(wide, random))!.Value]++;
        Assert.InRange(strata.Count, 3, 8);
        Assert.True(counts.Min() > 0.01 * counts.Sum());
        Assert.Equal((0, strata.Count - 1), (strata.PartOf(wide.At(0)), strata.PartOf(wide.At(wide.Size - 1))));
    }

    [Fact]
    public void AnyMeasure_MakesPartsThatCanBeDrawnFrom() =>
        Gen.Select(Gen.Int[1, 4].Array[1, 6], Gen.Double[0, 1], Gen.Int[1, 40], Gen.Long).Sample((sizes, absent, values, seed) =>
        {
            var space = new ToySpace(sizes);
            double? Measure(Architecture path)
            {
                var random = RandomStream.Derive(seed, path.ToString());
                return random.NextDouble() < absent * 0.5 && path.Candidates.Any(one => one > 0) ? null : random.NextInt(values);
            }
            var strata = Strata.Of(space, Measure);
            var sampler = new BalancedPathSampler(new UniformPathSampler(space), () => strata);
            Assert.InRange(strata.Count, 1, 8);
            Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
            Assert.All(sampler.Probabilities, probability => Assert.True(probability >= 0));
            var paths = RandomStream.Derive(seed, "paths");
            for (int part = 0; part < strata.Count; part++)
                Assert.Equal(part, strata.PartOf(strata.Draw(part, () => UniformArchitectures.Draw(space, paths), paths)));
            for (int i = 0; i < 5; i++) Assert.NotNull(Measure(sampler.Sample(paths)[0]));
        });

    [Fact]
    public void SpaceWithoutAnyPath_IsRefused() =>
        Assert.Contains("choose a method", Assert.Throws<BadOptionException>(() => Strata.Of(Space, _ => null)).Message);

    // With full confidence PA proposes the first kind alone, of which there is no path in any part but the first.
    [Fact]
    public void PartsThatAreNoLongerProposed_AreDrawnUniformly()
    {
        var sampler = new BalancedPathSampler(new GradientNormPathSampler(Space, _ => 1), () => Strata.Of(Space, Sum));
        Assert.True(sampler.NeedsGradientNorms);
        sampler.ObserveKinds(Space, 1, 0, 0);
        sampler.EndEpoch(1);
        var random = RandomStream.Derive(6, "paths");
        var counts = new int[6];
        for (int i = 0; i < 2_000; i++) counts[Math.Max(1, (int)Sum(sampler.Sample(random)[0])!.Value) - 1]++;
        ChiSquare.AssertFits(counts, [1, 1, 1, 1, 1, 1]);
        Assert.Equal(1, sampler.Probabilities.Sum(), 1e-9);
    }

    [Fact]
    public void RestoredSampler_GoesOnIdentically()
    {
        BalancedPathSampler New() => new(new GradientNormPathSampler(Space, progress => progress), () => Strata.Of(Space, Sum));
        BalancedPathSampler sampler = New(), restored = New();
        sampler.ObserveKinds(Space, 1, 2, 3);
        sampler.EndEpoch(0.5);
        sampler.ObserveKinds(Space, 3, 2, 1);
        restored.Restore(sampler.Save());
        foreach (BalancedPathSampler each in new[] { sampler, restored }) each.EndEpoch(0.9);
        Assert.Equal(sampler.Probabilities.AsEnumerable(), restored.Probabilities);
        RandomStream one = RandomStream.Derive(1, "p"), other = RandomStream.Derive(1, "p");
        for (int i = 0; i < 50; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
        Assert.Throws<BadDataException>(() => restored.Restore(SamplerState.Empty));
    }

    [Fact]
    public void LargestFirst_TakesTheLargestPathForATenth_ThenWhatFollows()
    {
        var sampler = new LargestFirstPathSampler(new UniformPathSampler(Space), Space, path => Sum(path)!.Value);
        var random = RandomStream.Derive(1, "p");
        for (int epoch = 0; epoch < 2; epoch++)
        {
            for (int i = 0; i < 20; i++) Assert.Equal(new Architecture([2, 2, 2]), Assert.Single(sampler.Sample(random)));
            sampler.EndEpoch(0.05 * (epoch + 1));
        }
        Observed.AssertDraws(sampler, 0, Draws, Observed.Uniform(Space));
        var restored = new LargestFirstPathSampler(new UniformPathSampler(Space), Space, path => Sum(path)!.Value);
        restored.Restore(sampler.Save());
        RandomStream one = RandomStream.Derive(1, "p"), other = RandomStream.Derive(1, "p");
        for (int i = 0; i < 20; i++) Assert.Equal(sampler.Sample(one)[0], restored.Sample(other)[0]);
        Assert.Throws<BadDataException>(() => restored.Restore(SamplerState.Empty));
    }

    private static double? Sum(Architecture path) => path.Candidates.Sum();

    private static int PartSize(double sum) => sum switch { 0 or 1 => 4, 2 or 4 => 6, 3 => 7, 5 => 3, _ => 1 };

    private static int NumberOf(Architecture path) => path[0] * 9 + path[1] * 3 + path[2];
}
