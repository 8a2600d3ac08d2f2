using PandaNas.Costs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.Definitions;
using PandaNas.Supernets.Graphs;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Supernets.Recording;
using PandaNas.Tests.Documentation;
using PandaNas.Tests.Supernets.Definitions;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Graphs;

/// <summary>
/// What a family lists as the layers of an architecture is what the architecture's stand-alone network computes, size by size.
/// </summary>
public sealed class LayersTests
{
    private static readonly Dictionary<string, (GraphFamily Family, NetworkOptions Sizes)> Spaces = new(StringComparer.Ordinal)
    {
        ["nasbench201"] = (new NasBench201Family(), new(InputChannels: 3, ImageSize: 11, Classes: 4, Channels: 4, Cells: 2)),
        ["darts"] = (new DartsFamily(), new(InputChannels: 3, ImageSize: 16, Classes: 4, Channels: 4, Cells: 4)),
        ["darts for large images"] = (new DartsFamily(), new(InputChannels: 3, ImageSize: 64, Classes: 4, Channels: 4, Cells: 4)),
        ["proxylessnas"] = (new ProxylessNasFamily(), new(InputChannels: 1, ImageSize: 65, Classes: 4, Channels: 0, Cells: 0)),
        ["every type of operation"] = (SmallSpaces.FromYaml(), SmallSizes),
        ["samples/small-residual.yaml"] =
            ((GraphFamily)SpaceFile.Read(RepositoryFile.Path("samples", "small-residual.yaml")).Family, SmallSizes),
        ["residual"] = (
            (GraphFamily)Catalog.Default.FindSpace("residual").Family, SmallSizes with { ImageSize = 17, WidthMultiplier = 0.5 }),
        ["a module"] = (SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true)), SmallSizes),
    };

    private static NetworkOptions SmallSizes => new(InputChannels: 3, ImageSize: 13, Classes: 4, Channels: 0, Cells: 0);

    public static TheoryData<string> Names => [.. Spaces.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Layers_AreWhatTheStandaloneNetworkComputes(string name)
    {
        (GraphFamily family, NetworkOptions sizes) = Spaces[name];
        int count = family.Space.Size < 30 ? (int)family.Space.Size : 30;
        foreach (Architecture architecture in UniformArchitectures.DrawDistinct(family.Space, count, RandomStream.Derive(7, "layers")))
        {
            using var scope = NewDisposeScope();
            using var _ = no_grad();
            LayerShape[] listed = [.. family.Layers(sizes, architecture, liveOnly: true)];
            using Network network = family.Standalone(sizes, architecture, CPU, RandomStream.Derive(0, "weights"));
            using var store = new WeightStore(CPU, RandomStream.Derive(0, "weights"));
            NetworkGraph graph = family.Build(new NetworkSetting(store, sizes, IsStandalone: true, architecture));
            using var tensors = new TensorComputation(training: false, graph.Ceiling, DropPath.None);
            var recording = new RecordingComputation(tensors, graph.Ceiling);
            graph.Compute(recording, randn(2, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize), architecture);

            Assert.Equal(
                recording.Computed.Order(StringComparer.Ordinal),
                listed.Select(RecordingComputation.WordsOf).Order(StringComparer.Ordinal));
            // By ways that know nothing of computations: what the library's own products report, and the tensors that there are.
            LayerShape[] own = [.. listed.Where(layer => layer is ConvolutionShape or LinearShape)];
            Assert.Equal((own.Length, own.Sum(layer => layer.MultiplyAdds)), Products(network, sizes, architecture));
            int norms = network.Statistics.Count(entry => !entry.Name.Contains(".module.", StringComparison.Ordinal)) / 2;
            Assert.Equal(norms, listed.Count(layer => layer is BatchNormShape));
        }
    }

    [Fact]
    public void Layers_OfASpaceOfOnesOwn_HaveWhatCostsOnlyTime()
    {
        LayerShape[] layers = [.. SmallSpaces.FromYaml().Layers(
            SmallSizes, SmallSpaces.FromYaml().Space.Parse("conv-conv-largest-average-block-block"), liveOnly: true)];
        // The reduction of body 2: its average pooling, its two activations and its sum; and the sums of a cell with three live edges.
        Assert.Contains(new PoolingShape(PoolingKind.Average, 4, 2, 2, 13), layers);
        Assert.Contains(new ElementwiseShape(ElementwiseKind.Relu6, 4, 13), layers);
        Assert.Equal(1 + 2 * 1, layers.Count(layer => layer == new ElementwiseShape(ElementwiseKind.Addition, 6, 7)));
        Assert.Equal(2, layers.Count(layer => layer == new PoolingShape(PoolingKind.Average, 6, 3, 1, 7)));
    }

    [Fact]
    public void Layers_OfAModule_AreItAsAWholeAndItsNormAtItsSize()
    {
        ChainFamily family = SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true));
        LayerShape[] layers = [.. family.Layers(SmallSizes, family.Space.Parse("normed-skip"), liveOnly: true)];
        LayerShape module = Assert.Single(layers, layer => layer.Kind == "module");
        Assert.Equal("module normed of 4 to 4 channels at 13x13, stride 1", module.Name);
        Assert.Equal(4 * 4 * 9 + 4 + 8, module.Parameters);
        Assert.Equal(4 * 4 * 9 * 13 * 13, module.MultiplyAdds);
        // That of the stem, that behind the module, that of the head.
        Assert.Equal(3, layers.Count(layer => layer == new BatchNormShape(4, Affine: true, 13)));
    }

    /// <summary>The convolutions and linear layers that a network computes, and their multiply-adds, as they report them.</summary>
    internal static (int Count, long MultiplyAdds) Products(Network network, NetworkOptions sizes, Architecture architecture)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        var profile = new OperationProfile();
        OperationProfile.Current = profile;
        try
        {
            network.Forward(randn(1, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize), architecture, training: false);
        }
        finally
        {
            OperationProfile.Current = null;
        }
        // A weight's gradient would be as much work again: each product reports it beside itself.
        OperationWork[] products = [.. profile.Work.Where(work => work.MultiplyAdds > 0)];
        return (products.Length / 2, products.Sum(work => work.MultiplyAdds) / 2);
    }
}
