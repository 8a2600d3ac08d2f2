using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.ProxylessNas;
using PandaNas.Tests.Golden;
using static TorchSharp.torch;

namespace PandaNas.Tests.Supernets.ProxylessNas;

public sealed class ProxylessNasGoldenTests
{
    // What the files were made with.
    private static readonly NetworkOptions Small = new(InputChannels: 3, ImageSize: 32, Classes: 10, Channels: 0, Cells: 0)
    {
        Widths = [4, 4, 4, 4, 6, 6, 4, 6, 8],
        Stem = Stem.Small,
    };

    // Depth adds up rounding; a mistake is far larger.
    private const double Relative = 3e-3;

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Supernet_LogitsLossAndGradients_AreThoseOfPyTorch(string device, bool channelsLast)
    {
        using var golden = new GoldenTensors("proxylessnas_supernet.safetensors");
        using var scope = NewDisposeScope();
        using Network network = GoldenNetworks.Loaded(
            golden, new ProxylessNasFamily().Supernet(Small, Devices.Open(device), RandomStream.Derive(0, "weights")));
        Assert.Empty(network.Statistics);
        Assert.Equal(12, GoldenNetworks.CheckPaths(golden, network, 1e-5, channelsLast, Relative));
    }

    [Theory]
    [MemberData(nameof(Devices.AndLayouts), MemberType = typeof(Devices))]
    public void Standalone_TrainsAndEvaluatesAsPyTorch(string device, bool channelsLast)
    {
        using var golden = new GoldenTensors("proxylessnas_standalone.safetensors");
        using var scope = NewDisposeScope();
        int networks = 0;
        for (; golden.Has($"network.{networks}.candidates"); networks++)
        {
            string key = $"network.{networks}.";
            int[] made = golden.Ints(key + "options");
            NetworkOptions options = Small with { ImageSize = made[0], Stem = made[1] == 1 ? Stem.Large : Stem.Small };
            using var network = new ProxylessNasFamily().Standalone(
                options, new Architecture(golden.Ints(key + "candidates")), Devices.Open(device), RandomStream.Derive(0, "weights"));
            GoldenNetworks.CheckStandalone(
                golden, key, GoldenNetworks.Loaded(golden, network, key + "weights."), channelsLast, floor: 2e-5, relative: Relative);
        }
        Assert.Equal(2, networks);
    }
}
