using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.Darts;

public sealed class DartsGoldenTests
{
    // What the files were made with.
    private static readonly NetworkOptions Small = new(InputChannels: 3, ImageSize: 8, Classes: 10, Channels: 4, Cells: 4);
    private const string Formula = "auxiliary.spread.conv.weight";

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Supernet_LogitsLossAndGradients_AreThoseOfPyTorch(string device, bool channelsLast)
    {
        using var golden = new GoldenTensors("darts_supernet.safetensors");
        using var scope = NewDisposeScope();
        using Network network =
            GoldenNetworks.Loaded(golden, new DartsFamily().Supernet(Small, Devices.Open(device), RandomStream.Derive(0, "weights")));
        Assert.Empty(network.Statistics);
        Assert.Equal(16, GoldenNetworks.CheckPaths(golden, network, 1e-6, channelsLast));
    }

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Standalone_TrainsAndEvaluatesAsPyTorch(string device, bool channelsLast)
    {
        using var golden = new GoldenTensors("darts_standalone.safetensors");
        using var scope = NewDisposeScope();
        int networks = 0;
        for (; golden.Has($"network.{networks}.candidates"); networks++)
        {
            string key = $"network.{networks}.";
            int[] made = golden.Ints(key + "options");
            NetworkOptions options =
                Small with { ImageSize = made[0], Stem = made[1] == 1 ? Stem.Large : Stem.Small, AuxiliaryHead = made[2] == 1 };
            using var network = new DartsFamily().Standalone(
                options, new Architecture(golden.Ints(key + "candidates")), Devices.Open(device), RandomStream.Derive(0, "weights"));
            Load(golden, key + "weights.", network);
            GoldenNetworks.CheckStandalone(golden, key, network, channelsLast, options.AuxiliaryHead ? 0.4 : 0, leftOut: Formula);
        }
        Assert.Equal(3, networks);
    }

    // One large weight is not in the file: the generator made it by this formula.
    private static void Load(GoldenTensors golden, string prefix, Network network)
    {
        Dictionary<string, Tensor> weights = golden.Below(prefix);
        Weight? made = network.Weights.FirstOrDefault(weight => weight.Name == Formula);
        if (made is not null) weights.Add(
            Formula,
            arange(
                Number.Of(0), Number.Of(made.Tensor.numel()), Number.Of(1),
                ScalarType.Float64).sin().mul(Number.Of(0.04)).to(ScalarType.Float32).reshape(made.Tensor.shape));
        Assert.Equal(weights.Keys.Order(), network.State().Select(entry => entry.Name).Order());
        network.Load(weights, "golden");
    }
}
