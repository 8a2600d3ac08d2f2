using CsCheck;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.NasBench201;

public sealed class NasBench201FamilyTests
{
    private static readonly NasBench201Family Family = new();
    private static readonly NetworkOptions Published = new(InputChannels: 3, ImageSize: 32, Classes: 10, Channels: 16, Cells: 5);

    private static readonly Gen<Architecture> Architectures = Gen.Int[0, 4].Array[6].Select(candidates => new Architecture(candidates));

    [Fact]
    public void Cost_OfTheLargestArchitecture_IsThePublishedOne() =>
        Assert.Equal(new Cost(1_531_546, 220_119_680), Family.Cost(Published, new Architecture([3, 3, 3, 3, 3, 3])));

    [Fact]
    public void Parameters_OfTheSmallestArchitecture_AreThePublishedOnes() =>
        Assert.Equal(73_306, Family.Cost(Published, new Architecture([0, 0, 0, 0, 0, 0])).Parameters);

    // The two counts have no code in common: one adds up formulas, the other holds tensors.
    [Fact]
    public void LiveCost_IsTheElementCountOfTheStandaloneNetwork() =>
        Gen.Select(
            Architectures, Gen.Int[1, 3], Gen.Int[2, 9], Gen.Int[1, 3],
            Gen.Int[2, 12]).Sample((architecture, inputs, channels, cells, classes) =>
        {
            var options = new NetworkOptions(inputs, 8, classes, channels, cells);
            using Network network = Family.Standalone(options, architecture, CPU, RandomStream.Derive(0, "weights"));
            Assert.Equal(network.Weights.Sum(weight => weight.Tensor.numel()), Family.LiveCost(options, architecture).Parameters);
        }, iter: 40);

    [Fact]
    public void LiveCost_NeverExceedsTheCost() => Architectures.Sample(architecture =>
    {
        Cost live = Family.LiveCost(Published, architecture), all = Family.Cost(Published, architecture);
        Assert.True(live.Parameters <= all.Parameters && live.MultiplyAdds <= all.MultiplyAdds);
        if (NasBench201Space.Instance.LiveEdges(architecture).All(edge => edge)) Assert.Equal(all, live);
    });

    [Fact]
    public void StandaloneNetwork_NeedsNoOtherWeightsThanItsPaths() => Architectures.Sample(architecture =>
    {
        using var scope = NewDisposeScope();
        var options = new NetworkOptions(1, 8, 3, 4, 1);
        using Network network = Family.Standalone(options, architecture, CPU, RandomStream.Derive(0, "weights"));
        Assert.All(network.Weights, weight => Assert.True(Network.Uses(architecture, weight)));
        Assert.Equal([2, 3], network.Forward(zeros(2, 1, 8, 8), architecture, training: true).shape);
    }, iter: 20, threads: 1);

    [Theory]
    [InlineData(0, 5, 32)]
    [InlineData(2_000, 5, 32)]
    [InlineData(16, 0, 32)]
    [InlineData(16, 101, 32)]
    [InlineData(16, 5, 4)]
    public void SizesOutOfRange_AreBadOptions(int channels, int cells, int size) =>
        Assert.Throws<BadOptionException>(() => Family.Validate(Published with { Channels = channels, Cells = cells, ImageSize = size }));

    [Fact]
    public void PublishedSizes_AreFine() => Family.Validate(Published);
}
