using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Layers;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Graphs;

/// <summary>A space all of whose networks come from one graph: supernets, stand-alone networks, and the list of their layers.</summary>
internal abstract class GraphFamily : SpaceFamily
{
    // Costs of many architectures are asked for at the same sizes. Replaced as a whole, so that threads may share it.
    private Tuple<NetworkOptions, NetworkGraph>? _plain;

    private protected GraphFamily()
    {
    }

    /// <inheritdoc/>
    internal sealed override Network Supernet(NetworkOptions options, Device device, RandomStream random) =>
        Make(new NetworkSetting(new WeightStore(device, random), options, IsStandalone: false, Only: null));

    /// <inheritdoc/>
    internal sealed override Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random)
    {
        Space.Check(architecture);
        return Make(new NetworkSetting(new WeightStore(device, random), options, IsStandalone: true, architecture));
    }

    internal sealed override Network Subnetwork(NetworkOptions options, Architecture architecture, Network supernet, Device device)
    {
        Space.Check(architecture);
        // What is not the supernet's then begins as what it is there: a scale of 1, a shift of 0.
        NetworkOptions own = options with { SupernetNormalization = Normalization.RunningStatistics, ZeroResiduals = false };
        var store = new WeightStore(device, RandomStream.Derive(0, "weights"));
        Network network = Make(new NetworkSetting(store, own, IsStandalone: false, architecture));
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Dictionary<string, Tensor> values = supernet.State().ToDictionary(one => one.Name, one => one.Tensor, StringComparer.Ordinal);
        Dictionary<string, KernelWeights> parts = supernet.Parts.ToDictionary(one => one.Name, one => one.Part, StringComparer.Ordinal);
        foreach ((string name, Tensor target) in network.State())
            if ((values.GetValueOrDefault(name) ?? parts.GetValueOrDefault(name)?.Plain) is { } source) target.copy_(source);
        return network;
    }

    /// <inheritdoc/>
    internal sealed override IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly)
    {
        Space.Check(architecture);
        using DisposeScope? scope = NoTensors();
        NetworkGraph graph = PlainGraph(options);
        var listing = new LayerListing(graph.Ceiling);
        graph.Compute(listing, new MapShape(options.InputChannels, options.ImageSize), architecture, deadToo: !liveOnly);
        return listing.Layers;
    }

    /// <inheritdoc/>
    internal sealed override PathProfile Paths(NetworkOptions options, Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(options);
        Space.Check(architecture);
        using DisposeScope? scope = NoTensors();
        return PlainGraph(options).Compute(new PathProfiler(), PathProfile.Images, architecture).Logits;
    }

    /// <summary>Builds a graph, and with it the weights of its network.</summary>
    internal abstract NetworkGraph Build(NetworkSetting setting);

    // Stands for a scope where panda check cannot see that a computation makes no tensors; a real one would load torch's library.
    private static DisposeScope? NoTensors() => null;

    private GraphNetwork Make(NetworkSetting setting)
    {
        ArgumentNullException.ThrowIfNull(setting.Options);
        try
        {
            return new(Space, setting.Store, Build(setting));
        }
        catch
        {
            setting.Store.Dispose();
            throw;
        }
    }

    // Of plain networks, with every candidate and without weights.
    private NetworkGraph PlainGraph(NetworkOptions options)
    {
        if (_plain is { } known && known.Item1 == options) return known.Item2;
        NetworkGraph graph = Build(new NetworkSetting(WeightStore.OnlyCounting(), options, IsStandalone: true, Only: null));
        _plain = Tuple.Create(options, graph);
        return graph;
    }
}
