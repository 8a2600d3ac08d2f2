using PandaNas.Costs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Tests.Documentation;
using PandaNas.Tests.Supernets.Graphs;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Definitions;

/// <summary>The built-in space <c>residual</c>: its costs, and how known networks in it are scaled to a limit.</summary>
public sealed class ResidualSpaceTests
{
    private const string ResNet10 = "conv_3x3-skip-conv_3x3-skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip";
    private const string MobileNetV2 =
        "mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip-mobile_3x3-mobile_3x3-skip";

    private static readonly SpaceFamily Residual = Catalog.Default.FindSpace("residual").Family;
    private static readonly NetworkOptions Sizes = new(InputChannels: 3, ImageSize: 32, Classes: 10, Channels: 0, Cells: 0);

    [Fact]
    public void ItIsItsFile()
    {
        NamedSpace named = Catalog.Default.FindSpace("residual");
        Assert.Equal(File.ReadAllText(RepositoryFile.Path("configs", "spaces", "residual.yaml")), named.Definition);
        // Seven candidates where a layer may be left out, six where it changes the shape.
        Assert.Equal(49L * 6 * 49 * 6 * 49 * 6 * 49, Residual.Space.Size);
    }

    // Stem 3→12: 324 weights and 24 of its norm. Then in every stage two 3×3 convolutions, their norms and the shortcut:
    // 24·(12+24)·9 + 96 + 12·24 = 8,160, 48·(24+48)·9 + 192 + 24·48 = 32,448, 96·(48+96)·9 + 384 + 48·96 = 129,408. Head 192 + 970.
    // Multiply-adds: 324·32² of the stem, 8,064·16², 32,256·8², 129,024·4² of the stages, 960 of the classifier.
    [Theory]
    [InlineData("skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip-conv_3x3-skip-skip", 171_526, 6_525_888)]
    // 348 as above. mobile_5x5 of 12 channels: 12·36 + 72, 36·25 + 72, 36·12 + 24 = 1,932. sep_5x5: 12·25 + 12·24 + 48, shortcut 288.
    // conv_3x3_half: 24·24·9 + 48 + 24·48·9 + 96, shortcut 1,152. mobile_3x3: 48·288 + 576, 288·9 + 576, 288·96 + 192, shortcut 4,608.
    // Multiply-adds: 331,776; 1,764·32²; (576 + 300)·16²; 16,704·8²; 13,824·8² + (2,592 + 27,648 + 4,608)·4²; 960.
    [InlineData("mobile_5x5-skip-sep_5x5-skip-skip-conv_3x3_half-skip-skip-mobile_3x3-skip-skip", 71_230, 4_874_688)]
    public void Costs_AreThoseCountedByHand(string text, long parameters, long multiplyAdds) =>
        Assert.Equal(new Cost(parameters, multiplyAdds), Residual.Cost(Sizes, Residual.Space.Parse(text)));

    [Theory]
    [InlineData(1)]
    [InlineData(0.3)]
    public void Networks_HaveTheWeightsThatAreCounted_AndGiveTheSupernetsLogits(double multiplier)
    {
        NetworkOptions sizes = Sizes with
        {
            ImageSize = 19,
            WidthMultiplier = multiplier,
            SupernetNormalization = Normalization.RunningStatistics,
        };
        Residual.Validate(sizes);
        using Network supernet = Residual.Supernet(sizes, CPU, RandomStream.Derive(1, "weights"));
        Dictionary<string, Tensor> weights = supernet.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        using Tensor images = randn([4, 3, sizes.ImageSize, sizes.ImageSize], generator: new Generator(3));
        foreach (Architecture architecture in UniformArchitectures.DrawDistinct(Residual.Space, 10, RandomStream.Derive(2, "drawn")))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            using Network network = Residual.Standalone(sizes, architecture, CPU, RandomStream.Derive(3, "weights"));
            network.Load(weights, "supernet");
            Cost cost = Residual.LiveCost(sizes, architecture);
            Assert.Equal(network.Weights.Sum(weight => weight.Tensor.numel()), cost.Parameters);
            Assert.Equal(LayersTests.Products(network, sizes, architecture).MultiplyAdds, cost.MultiplyAdds);
            Assert.True(network.Forward(images, architecture, training: false)
                .allclose(supernet.Forward(images, architecture, training: false), rtol: 1e-4, atol: 1e-5));
        }
    }

    [Theory]
    [InlineData(ResNet10, 60_000)]
    [InlineData(ResNet10, 250_000)]
    [InlineData(MobileNetV2, 60_000)]
    [InlineData(MobileNetV2, 250_000)]
    public void KnownNetworks_KeepTheLimit_AndAreTheWidestThatDo(string text, long limit)
    {
        Architecture architecture = Residual.Space.Parse(text);
        double widest = WidthScaling.Largest(Residual, Sizes, architecture, limit);
        long parameters = Of(widest), next = Of(Math.Round(widest + 0.01, 2));
        Assert.InRange(parameters, limit * 85 / 100, limit);
        Assert.True(next > limit, $"{widest} gives {parameters}, and the next {next}");

        long Of(double multiplier) => Residual.Cost(Sizes with { WidthMultiplier = multiplier }, architecture).Parameters;
    }

    [Fact]
    public void ALimitBelowTheNarrowestNetwork_OrASpaceWithoutWidths_IsRefused()
    {
        var error = Assert.Throws<BadOptionException>(
            () => WidthScaling.Largest(Residual, Sizes, Residual.Space.Parse(ResNet10), 1_000));
        Assert.Contains("narrowest network", error.Message, StringComparison.Ordinal);
        SpaceFamily cells = Catalog.Default.FindSpace("nasbench201").Family;
        error = Assert.Throws<BadOptionException>(() => WidthScaling.Largest(
            cells, Sizes with { Channels = 16, Cells = 5 }, cells.Space.At(0), 250_000));
        Assert.Contains("no widths of its own", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MultipliersOutOfRange_OrListsOfWidths_AreRefused()
    {
        foreach (double multiplier in (double[])[0, 11, double.NaN])
            Assert.Throws<BadOptionException>(() => Residual.Validate(Sizes with { WidthMultiplier = multiplier }));
        Assert.Contains(
            "set width-multiplier", Assert.Throws<BadOptionException>(() => Residual.Validate(Sizes with { Widths = [4, 8] })).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "set width-multiplier", Assert.Throws<BadOptionException>(() => Residual.Validate(Sizes with { Channels = 8 })).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(12, 1.0, 12)]
    [InlineData(12, 0.1, 4)]
    [InlineData(96, 0.56, 52)]
    [InlineData(48, 0.1, 8)]
    public void Widths_AreRoundedToMultiplesOf4_NeverATenthBelow(int width, double multiplier, int expected) =>
        Assert.Equal(expected, WidthScaling.Scale(width, multiplier, 4));
}
