using PandaNas.Experiments.Methods;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Sampling;

namespace PandaNas.Tests.Experiments.Methods;

public sealed class BuiltInMethodsTests
{
    private const int Examples = 12;

    [Fact]
    public void NamesAreUniqueAndSummariesAreOneLine()
    {
        Assert.Equal(Catalog.Default.MethodNames.Length, Catalog.Default.MethodNames.Distinct().Count());
        Assert.All(Catalog.Default.Methods, method => Assert.DoesNotContain('\n', method.Summary));
    }

    [Theory]
    [InlineData("pa")]
    [InlineData("panda")]
    [InlineData("panda-corrected")]
    [InlineData("panda-edge")]
    public void PathOptions_ReachTheSampler(string method)
    {
        IPathSampler sampler = Catalog.Default.FindMethod(method).Paths(
            NasBench201Setting(new() { PathSchedule = "quadratic", PathConfidence = 0.5, CarryNorms = true }));
        sampler.Observe(new PathNorms(new Architecture([3, 3, 3, 3, 3, 3]), [1, 1, 1, 1, 1, 1]));
        double[] expected = [0.5 * 0.25 + 0.875 / 5, 0.5 + 0.5 / 5];
        foreach ((double progress, double probability) in new[] { (0.5, expected[0]), (1.0, expected[1]) })
        {
            sampler.EndEpoch(progress);
            Assert.Equal(probability, sampler.Probabilities[NasBench201Space.Convolution3x3], 1e-12);
        }
    }

    [Theory]
    [InlineData("da")]
    [InlineData("panda")]
    [InlineData("panda-corrected")]
    [InlineData("panda-edge")]
    public void DataOptions_ReachTheSampler(string method)
    {
        IDataSampler sampler = Catalog.Default.FindMethod(method).Data(
            NasBench201Setting(new() { DataSchedule = "constant", DataConfidence = 0.5, CarryImportances = true }));
        sampler.Observe([3], [1]);
        for (int epoch = 0; epoch < 2; epoch++)
        {
            sampler.EndEpoch(0.1);
            Assert.Equal(0.5 + 0.5 / Examples, sampler.Probabilities[3], 1e-12);
        }
        Assert.Equal(method == "panda-corrected", sampler.CorrectsLosses);
    }

    [Fact]
    public void ConvBiasedPaths_DriftToTheTwoConvolutions()
    {
        IPathSampler sampler = Catalog.Default.FindMethod("conv-biased").Paths(NasBench201Setting(new()));
        Assert.All(sampler.Probabilities, probability => Assert.Equal(0.2, probability, 1e-12));
        sampler.EndEpoch(0.5);
        double[] expected = [0.1, 0.1, 0.35, 0.35, 0.1];
        for (int kind = 0; kind < expected.Length; kind++) Assert.Equal(expected[kind], sampler.Probabilities[kind], 1e-12);
        ChiSquare.AssertFits(CountKinds(sampler, 0), expected);
        sampler.EndEpoch(1);
        ChiSquare.AssertFits(CountKinds(sampler, 0), [0, 0, 1, 1, 0]);
    }

    // Everything that has no multiply-adds is as small as nothing.
    [Fact]
    public void SandwichPaths_OfTheCellSpace()
    {
        IPathSampler sampler = Catalog.Default.FindMethod("sandwich").Paths(NasBench201Setting(new()));
        ChiSquare.AssertFits(CountKinds(sampler, 0), [0, 0, 0, 1, 0]);
        ChiSquare.AssertFits(CountKinds(sampler, 1), [1, 1, 0, 0, 1]);
        ChiSquare.AssertFits(CountKinds(sampler, 2), [1, 1, 1, 1, 1]);
    }

    [Fact]
    public void PartsLeftOut_AreThoseOfUniformSampling()
    {
        var method = new TrainingMethod("mine", "nothing of its own");
        MethodSetting setting = NasBench201Setting(new());
        Assert.Equal(
            method.Paths(setting).Sample(RandomStream.Derive(1, "p")),
            Catalog.Default.FindMethod("spos").Paths(setting).Sample(RandomStream.Derive(1, "p")));
        Assert.IsType<UniformDataSampler>(method.Data(setting));
        Assert.Equal(MethodParts.OneStep, method.Update);
    }

    private static MethodSetting NasBench201Setting(SupernetOptions options) => MethodSetting.Of(
        options, new NasBench201Family(), new NetworkOptions(InputChannels: 3, ImageSize: 8, Classes: 3, Channels: 4, Cells: 1), Examples);

    // Over all edges of the path at one place of every step.
    private static int[] CountKinds(IPathSampler sampler, int place)
    {
        var random = RandomStream.Derive(4, "paths");
        var counts = new int[5];
        for (int i = 0; i < 4_000; i++)
            foreach (int kind in sampler.Sample(random)[place].Candidates) counts[kind]++;
        return counts;
    }
}
