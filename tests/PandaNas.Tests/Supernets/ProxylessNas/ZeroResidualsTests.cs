using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.ProxylessNas;

public sealed class ZeroResidualsTests
{
    // The first layers of the six stages have no connection around them.
    private static readonly int[] Changing = [0, 4, 8, 12, 16, 20];

    private static readonly NetworkOptions Small = new(InputChannels: 3, ImageSize: 16, Classes: 5, Channels: 0, Cells: 0)
    {
        Widths = [4, 4, 4, 4, 6, 6, 4, 6, 8],
        Stem = Stem.Small,
        SupernetNormalization = Normalization.RunningStatistics,
    };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Supernet_WhatResidualLayersTake_ChangesTheFirstLogitsOnlyWithoutIt(bool zero)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        using var network = new ProxylessNasFamily().Supernet(Small with { ZeroResiduals = zero }, CPU, RandomStream.Derive(0, "weights"));
        Tensor images = randn([4, 3, 16, 16], generator: new Generator(1, CPU));
        Tensor Logits(int residual) => network.Forward(images, Path(changing: 0, residual), training: true).detach();
        Assert.Equal(zero, Logits(1).equal(Logits(4)).all().item<bool>());
        Assert.False(Logits(1).equal(network.Forward(images, Path(changing: 3, residual: 1), training: true)).all().item<bool>());
    }

    [Fact]
    public void Standalone_BeginsWithBlocksThatPassTheirInputOn()
    {
        using var scope = NewDisposeScope();
        using var network = new ProxylessNasFamily().Standalone(
            Small with { ZeroResiduals = true }, Path(changing: 0, residual: 1), CPU, RandomStream.Derive(0, "weights"));
        string[] zeros =
            [.. network.Weights.Where(weight => weight.Name.EndsWith(
                ".bn.weight",
                StringComparison.Ordinal) && weight.Tensor.eq(Number.Of(0)).all().item<bool>()).Select(weight => weight.Name)];
        Assert.Equal(ProxylessNasSpace.Depths.Sum() - Changing.Length, zeros.Length);
        Assert.All(zeros, name => Assert.EndsWith(".project.bn.weight", name));
    }

    [Fact]
    public void Validate_WhereNothingCouldBeginAtZero_NamesTheOption()
    {
        var sizes = new NetworkOptions(3, 32, 10, 8, 1) { ZeroResiduals = true };
        Assert.Contains("zero-residuals", Assert.Throws<BadOptionException>(() => new NasBench201Family().Validate(sizes)).Message);
    }

    [Fact]
    public void Of_SupernetByBatchStatistics_HasNoScaleAndSaysSo()
    {
        SupernetOptions options = new() { Space = "proxylessnas", ZeroResiduals = true, BnCalibrationBatches = 0 };
        Assert.Contains(
            "BnCalibrationBatches",
            Assert.Throws<BadOptionException>(() => RequestedNetwork.Of(options, standalone: false, 3, 32, 10)).Message);
        Assert.True(RequestedNetwork.Of(options, standalone: true, 3, 32, 10).ZeroResiduals);
    }

    private static Architecture Path(int changing, int residual) =>
        new([.. Enumerable.Range(0, ProxylessNasSpace.Depths.Sum()).Select(place => Changing.Contains(place) ? changing : residual)]);
}
