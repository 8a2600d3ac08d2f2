using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.NasBench201;

public sealed class NasBench201GoldenTests
{
    // What the files were made with.
    private static readonly NetworkOptions Small = new(InputChannels: 3, ImageSize: 8, Classes: 10, Channels: 4, Cells: 1);
    private const double Relative = GoldenNetworks.Relative;

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Supernet_LogitsLossAndGradients_AreThoseOfPyTorch(string device, bool channelsLast) =>
        CheckPaths("supernet.safetensors", Small, paths: 20, floor: 1e-6, device, channelsLast);

    // The gradient of a bias before batch statistics is zero, but for rounding.
    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void SupernetWithConvolutionBias_LogitsLossAndGradients_AreThoseOfPyTorch(string device, bool channelsLast) =>
        CheckPaths("supernet_bias.safetensors", Small with { ConvolutionBias = true }, paths: 4, floor: 3e-6, device, channelsLast);

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Standalone_TrainsAndEvaluatesAsPyTorch(string device, bool channelsLast)
    {
        using var golden = new GoldenTensors("standalone.safetensors");
        using var scope = NewDisposeScope();
        for (int i = 0; golden.Has($"network.{i}.candidates"); i++)
        {
            string key = $"network.{i}.";
            using var network = new NasBench201Family().Standalone(
                Small, new Architecture(golden.Ints(key + "candidates")), Devices.Open(device), RandomStream.Derive(0, "weights"));
            GoldenNetworks.CheckStandalone(golden, key, GoldenNetworks.Loaded(golden, network, key + "weights."), channelsLast);
        }
        Assert.True(golden.Has("network.2.candidates"));
    }

    // With gradients or without, channels-last or not: the same function.
    [Fact]
    public void Forward_DoesNotDependOnTheMemoryLayout()
    {
        using var golden = new GoldenTensors("supernet.safetensors");
        using var scope = NewDisposeScope();
        using var network = Loaded(golden, Small);
        Tensor images = golden["images.0"];
        Tensor channelsLast = GoldenNetworks.Images(golden, "images.0", channelsLast: true, CPU);
        for (int path = 0; golden.Has($"path.{path:D2}.candidates"); path++)
        {
            var architecture = new Architecture(golden.Ints($"path.{path:D2}.candidates"));
            using Tensor expected = network.Forward(images, architecture, training: true);
            using Tensor trained = network.Forward(channelsLast, architecture, training: true);
            GoldenTensors.AssertClose(expected, trained, Relative, 1e-6, $"path {path}, channels last");
            using (no_grad())
            {
                using Tensor evaluated = network.Forward(channelsLast, architecture, training: false);
                GoldenTensors.AssertClose(expected, evaluated, Relative, 1e-6, $"path {path}, without gradients");
            }
        }
    }

    [Fact]
    public void Forward_LeavesTheImagesAlone()
    {
        using var golden = new GoldenTensors("supernet.safetensors");
        using var network = Loaded(golden, Small);
        using var scope = NewDisposeScope();
        Tensor before = golden["images.0"].clone();
        foreach (int operation in Enumerable.Range(0, 5))
            network.Forward(
                golden["images.0"], new Architecture([operation, operation, operation, operation, operation, operation]),
                training: true).Dispose();
        Assert.True(before.equal(golden["images.0"]).all().item<bool>());
    }

    // The released supernet, read off its checkpoint: affine-free batch norms, convolutions with a bias.
    [Fact]
    public void ReleasedSupernet_HasThePublishedSize()
    {
        using var network = new NasBench201Family().Supernet(
            new NetworkOptions(3, 32, 10, 16, 5, ConvolutionBias: true), CPU, RandomStream.Derive(0, "weights"));
        Assert.Equal(373, network.Weights.Count);
        Assert.Equal(1_692_474, network.Weights.Sum(weight => weight.Tensor.numel()));
        Assert.Empty(network.Statistics);
    }

    [Fact]
    public void Weights_BelongToTheEdgeAndOperationOfTheirName()
    {
        using var network = new NasBench201Family().Supernet(Small with { Cells = 2 }, CPU, RandomStream.Derive(0, "weights"));
        foreach (Weight weight in network.Weights)
        {
            Assert.Equal(!weight.Name.StartsWith("cells.", StringComparison.Ordinal), weight.IsShared);
            if (weight.IsShared) continue;
            string[] parts = weight.Name.Split('.');
            Assert.Equal(NasBench201Space.Instance.Operations[Assert.Single(weight.Operations)], parts[3]);
            for (int edge = 0; edge < NasBench201Space.Instance.Edges.Length; edge++)
            {
                (int source, int target) = NasBench201Space.Instance.Edges[edge];
                var candidates = new int[NasBench201Space.Instance.Edges.Length];
                candidates[edge] = weight.Operations[0];
                Assert.Equal($"edge_{source}_{target}" == parts[2], Network.Uses(new Architecture(candidates), weight));
            }
        }
    }

    [Fact]
    public void Weights_ComeFromTheStreamAlone()
    {
        using var first = new NasBench201Family().Supernet(Small, CPU, RandomStream.Derive(3, "weights"));
        using var same = new NasBench201Family().Supernet(Small, CPU, RandomStream.Derive(3, "weights"));
        using var other = new NasBench201Family().Supernet(Small, CPU, RandomStream.Derive(4, "weights"));
        for (int i = 0; i < first.Weights.Count; i++)
        {
            Assert.Equal(GoldenTensors.Values(first.Weights[i].Tensor), GoldenTensors.Values(same.Weights[i].Tensor));
            Assert.NotEqual(GoldenTensors.Values(first.Weights[i].Tensor), GoldenTensors.Values(other.Weights[i].Tensor));
        }
    }

    [Fact]
    public void Load_RefusesTheWeightsOfAnotherNetwork()
    {
        using var golden = new GoldenTensors("supernet.safetensors");
        Dictionary<string, Tensor> weights = golden.Below("weights.");
        using var biased = new NasBench201Family().Supernet(Small with { ConvolutionBias = true }, CPU, RandomStream.Derive(0, "weights"));
        Assert.Contains(".bias", Assert.Throws<BadDataException>(() => biased.Load(weights, "golden")).Message);
        using var wider = new NasBench201Family().Supernet(Small with { Channels = 5 }, CPU, RandomStream.Derive(0, "weights"));
        Assert.Contains("stem.conv.weight", Assert.Throws<BadDataException>(() => wider.Load(weights, "golden")).Message);
    }

    private static void CheckPaths(string file, NetworkOptions options, int paths, double floor, string device, bool channelsLast)
    {
        using var golden = new GoldenTensors(file);
        using var scope = NewDisposeScope();
        using Network network = Loaded(golden, options, device);
        Assert.Equal(paths, GoldenNetworks.CheckPaths(golden, network, floor, channelsLast));
    }

    private static Network Loaded(GoldenTensors golden, NetworkOptions options, string device = "cpu") =>
        GoldenNetworks.Loaded(golden, new NasBench201Family().Supernet(options, Devices.Open(device), RandomStream.Derive(0, "weights")));
}
