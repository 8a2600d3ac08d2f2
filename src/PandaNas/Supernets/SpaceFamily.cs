using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>A search space together with the networks that it makes: all that the rest of the library needs to know of a space.</summary>
public abstract class SpaceFamily
{
    /// <summary>The space.</summary>
    public abstract SearchSpace Space { get; }

    /// <summary>Throws unless networks of these sizes can be built.</summary>
    /// <exception cref="BadOptionException">A size is out of range; the message names the option.</exception>
    public abstract void Validate(NetworkOptions options);

    /// <summary>A supernet with the weights of every candidate.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="random">Seeds the initial weights.</param>
    public abstract Network Supernet(NetworkOptions options, Device device, RandomStream random);

    /// <summary>One architecture as a plain network.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="random">Seeds the initial weights.</param>
    public abstract Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random);

    /// <summary>
    /// The layers of the architecture's plain network, for counting costs without building tensors.
    /// </summary>
    /// <param name="options">Sizes.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="liveOnly">
    /// Whether to leave out layers that the output does not depend on. The published tables count them, so counting them is the
    /// convention; a stand-alone network of ours does not hold them.
    /// </param>
    public abstract IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly);

    /// <summary>Parameters and multiply-adds by the published convention: every operation of the architecture counts.</summary>
    public Cost Cost(NetworkOptions options, Architecture architecture) => CostCounter.Count(Layers(options, architecture, liveOnly: false));

    /// <summary>Parameters and multiply-adds of what is computed: operations that do not reach the output are left out.</summary>
    public Cost LiveCost(NetworkOptions options, Architecture architecture) => CostCounter.Count(Layers(options, architecture, liveOnly: true));
}
