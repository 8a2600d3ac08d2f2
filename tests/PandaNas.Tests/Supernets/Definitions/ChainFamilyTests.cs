using CsCheck;
using PandaNas.Costs;
using PandaNas.Experiments.Scoring;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Operations;
using PandaNas.Tests.Spaces;
using PandaNas.Tests.Supernets.Graphs;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Definitions;

/// <summary>Spaces of one's own: notation, costs, and every architecture as a path and as a network.</summary>
public sealed class ChainFamilyTests
{
    private static readonly NetworkOptions Sizes = new(InputChannels: 3, ImageSize: 11, Classes: 3, Channels: 0, Cells: 0);
    private static readonly ChainFamily Small = SmallSpaces.FromYaml();

    [Fact]
    public void Size_IsTheProductOfTheCandidatesThatFit()
    {
        // The last but one layer changes channels and size: skip is no candidate there.
        Assert.Equal(4 * 27 * 3 * 2, Small.Space.Size);
        Assert.Equal(["conv", "mobile", "skip", "none", "largest", "average", "sep", "block"], Small.Space.Operations);
    }

    [Fact]
    public void FormatAndParse_RoundTrip() =>
        RandomArchitectures.Of(Small.Space).Sample(
            architecture => Small.Space.Parse(Small.Space.Format(architecture)).Equals(architecture));

    [Fact]
    public void Parse_OfAnything_GivesAnArchitectureOrSaysWhatWasExpected() =>
        FuzzedText.Of(Small.Space.Format(Small.Space.At(100)), "convskip-.").Sample(text =>
        {
            try
            {
                Small.Space.Check(Small.Space.Parse(text));
            }
            catch (ArchitectureFormatException error)
            {
                Assert.Contains("expected", error.Message, StringComparison.Ordinal);
            }
        });

    [Fact]
    public void Costs_AreThoseOfTheTensorsAndConvolutions_ForEveryArchitecture()
    {
        for (int i = 0; i < Small.Space.Size; i++)
        {
            Architecture architecture = Small.Space.At(i);
            using Network network = Small.Standalone(Sizes, architecture, CPU, RandomStream.Derive(1, "weights"));
            Cost live = Small.LiveCost(Sizes, architecture);
            Assert.Equal(network.Weights.Sum(weight => weight.Tensor.numel()), live.Parameters);
            Assert.Equal(LayersTests.Products(network, Sizes, architecture).MultiplyAdds, live.MultiplyAdds);
            Assert.True(Small.Cost(Sizes, architecture).Parameters >= live.Parameters);
        }
    }

    [Fact]
    public void EveryArchitecture_TrainsAStepWithFiniteLossAndGradientsWhereItHasWeights()
    {
        using Network supernet = Small.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images =
            randn([4, 3, Sizes.ImageSize, Sizes.ImageSize], generator: new Generator(3)), labels = tensor(new long[] { 0, 1, 2, 0 });
        for (int i = 0; i < Small.Space.Size; i++)
        {
            using var scope = NewDisposeScope();
            Architecture path = Small.Space.At(i);
            Tensor loss = nn.functional.cross_entropy(supernet.Forward(images, path, training: true), labels);
            Assert.True(float.IsFinite(loss.item<float>()));
            loss.backward();
            foreach (Weight weight in supernet.Weights)
            {
                // A weight has no gradient outside its paths; on them only where its edge is dead.
                if (!Network.Uses(path, weight)) Assert.Null(weight.Tensor.grad);
                else if (weight.Tensor.grad is { } gradient) Assert.True(gradient.isfinite().all().item<bool>(), weight.Name);
                weight.Tensor.grad = null;
            }
        }
    }

    [Fact]
    public void Standalone_WithTheSupernetsWeights_GivesItsLogits()
    {
        NetworkOptions running = Sizes with { SupernetNormalization = Normalization.RunningStatistics };
        using Network supernet = Small.Supernet(running, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images = randn([4, 3, Sizes.ImageSize, Sizes.ImageSize], generator: new Generator(3));
        Dictionary<string, Tensor> weights = supernet.State().ToDictionary(entry => entry.Name, entry => entry.Tensor);
        for (int i = 0; i < Small.Space.Size; i += 7)
        {
            using var scope = NewDisposeScope();
            Architecture architecture = Small.Space.At(i);
            using Network network = Small.Standalone(running, architecture, CPU, RandomStream.Derive(2, "weights"));
            network.Load(weights, "supernet");
            using var _ = no_grad();
            Tensor expected =
                supernet.Forward(images, architecture, training: false), shared = supernet.FromShared(supernet.Share(images), architecture);
            Assert.True(network.Forward(images, architecture, training: false).allclose(expected));
            Assert.True(shared.allclose(expected));
        }
    }

    // Earlier builds computed ReLU in the residual blocks of every space.
    [Fact]
    public void WeightsOfResidualBlocks_ThatWereTrainedWithAnotherActivation_AreRefused()
    {
        using Network supernet = Small.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        Dictionary<string, Tensor> earlier = supernet.State().ToDictionary(
            entry => entry.Name.Replace("_clipped", "", StringComparison.Ordinal), entry => entry.Tensor);
        string message = Assert.Throws<BadDataException>(() => supernet.Load(earlier, "earlier")).Message;
        Assert.Contains("'earlier' has no tensor", message, StringComparison.Ordinal);
        Assert.Contains("another network", message, StringComparison.Ordinal);
        ChainFamily plain = new(Small.Definition with { Activation = Activation.Relu });
        using Network unclipped = plain.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        unclipped.Load(earlier, "earlier");
    }

    [Theory]
    [InlineData(true, "conv-skip")]
    [InlineData(true, "normed-conv")]
    [InlineData(false, "skip-skip")]
    public void DropPath_DropsWhatIsNoSkip(bool changes, string text)
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        using Network network = family.Supernet(Sizes, CPU, RandomStream.Derive(1, "weights"));
        using Tensor images = randn([8, 3, Sizes.ImageSize, Sizes.ImageSize], generator: new Generator(3));
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        Architecture path = family.Space.Parse(text);
        Tensor plain = network.Forward(images, path, training: true), dropped = network.ForwardTraining(
            images, path, new DropPath(0.5, RandomStream.Derive(4, "drop"))).Logits;
        Assert.Equal(changes, !plain.allclose(dropped));
    }

    [Fact]
    public void CostRange_IsThatOfAllArchitectures()
    {
        long[] all = [.. Enumerable.Range(0, (int)Small.Space.Size).Select(i => Small.Cost(Sizes, Small.Space.At(i)).Parameters)];
        var range = CostRange.Of(Small, Sizes);
        Assert.Equal((all.Min(), all.Max()), (Small.Cost(Sizes, range.Smallest).Parameters, Small.Cost(Sizes, range.Largest).Parameters));
    }

    [Fact]
    public void DropPath_WhereThereIsNothingToDrop_IsRefused()
    {
        var plain = new ChainFamily(new SpaceDefinition("plain", "")
        {
            Stem = new StemLayer(4),
            Body = [new SearchedLayers([Operation.Convolution("conv", 3), Operation.Skip("skip")])],
        });
        Small.Validate(Sizes with { DropPath = true });
        Assert.Contains(
            "no drop path", Assert.Throws<BadOptionException>(() => plain.Validate(Sizes with { DropPath = true })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesThatBecomeTooSmall_AreRefused()
    {
        Small.Validate(Sizes with { ImageSize = 5 });
        var error = Assert.Throws<BadOptionException>(() => Small.Validate(Sizes with { ImageSize = 4 }));
        Assert.Contains("image-size is 4", error.Message, StringComparison.Ordinal);
    }
}
