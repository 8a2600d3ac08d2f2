using PandaNas.Costs;
using PandaNas.Ranking.Rankers;
using PandaNas.Sampling;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>A search space together with the networks that it makes: all that the rest of the library needs to know of a space.</summary>
internal abstract class SpaceFamily
{
    /// <summary>The space.</summary>
    public abstract SearchSpace Space { get; }

    /// <summary>One sentence for lists of spaces.</summary>
    public abstract string Summary { get; }

    /// <summary>What its networks can have.</summary>
    internal abstract NetworkFeatures Features { get; }

    /// <summary>Whether code of users computes parts of its networks: one at a time then, since it may keep what belongs to one.</summary>
    internal virtual bool RunsModules => false;

    /// <summary>
    /// Batches of training images on which running statistics are made anew before an architecture is evaluated; 0 for supernets
    /// that normalise by batch statistics.
    /// </summary>
    public virtual int CalibrationBatches => 0;

    /// <summary>
    /// What orders architectures in ranking and search unless something else is asked for: what is known to rank best,
    /// docs/experiment-log.md, and the accuracy where nothing is known.
    /// </summary>
    internal virtual string Ranker => RankerFormula.Usual;

    /// <summary>The usual channels and cells of a supernet and of a stand-alone network; 0 where there is nothing to choose.</summary>
    /// <param name="standalone">Which of the two.</param>
    internal abstract (int Channels, int Cells) UsualSizes(bool standalone);

    /// <summary>The sizes of networks that are scored at their initial weights, from the supernet's; the same unless overridden.</summary>
    internal virtual NetworkOptions SizesOfInitialScores(NetworkOptions supernet) => supernet;

    /// <summary>The options with the space's own channels and cells where they say 0.</summary>
    internal NetworkOptions Complete(NetworkOptions options, bool standalone)
    {
        (int channels, int cells) = UsualSizes(standalone);
        return options with
        {
            Channels = options.Channels == 0 ? channels : options.Channels,
            Cells = options.Cells == 0 ? cells : options.Cells,
        };
    }

    /// <summary>Throws unless networks of these sizes can be built.</summary>
    /// <exception cref="BadOptionException">
    /// A size is out of range, or the space has no such thing; the message names the option.
    /// </exception>
    internal void Validate(NetworkOptions options)
    {
        Require(
            NetworkFeatures.ConvolutionBias, options.ConvolutionBias,
            "convolution-bias is set, but the convolutions of {0} never carry a bias");
        Require(NetworkFeatures.TwoStems, options.Stem == Stem.Large, "stem is large, but {0} has a single stem, for small images");
        Require(NetworkFeatures.AuxiliaryHead, options.AuxiliaryHead, "auxiliary-weight is above 0, but {0} has no auxiliary head");
        Require(NetworkFeatures.DropPath, options.DropPath, "drop-path is above 0, but {0} has no drop path");
        Require(
            NetworkFeatures.ZeroResiduals, options.ZeroResiduals,
            "zero-residuals is set, but {0} has no residual branches that could begin at zero");
        Require(
            NetworkFeatures.WeightEntanglement, options.WeightEntanglement,
            "weight-entanglement is set, but {0} has no place with two convolutions that differ in kernel or width alone and could "
            + "share weights");
        Require(
            NetworkFeatures.WidthMultiplier, options.WidthMultiplier != 1,
            "width-multiplier is not 1, but {0} has no widths of its own: set channels");
        Require(NetworkFeatures.Widths, !options.Widths.IsEmpty, "widths are given, but {0} takes no list of them: " + HowToSize);
        Require(
            NetworkFeatures.ChannelsAndCells, options.Channels != 0,
            "channels is given, but {0} has widths of its own: " + HowToSize);
        Require(NetworkFeatures.ChannelsAndCells, options.Cells != 0, "cells is given, but {0} has depths of its own: leave it out");
        CheckSizes(options);
    }

    /// <summary>A supernet with the weights of every candidate.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="random">Seeds the initial weights.</param>
    internal abstract Network Supernet(NetworkOptions options, Device device, RandomStream random);

    /// <summary>One architecture as a plain network.</summary>
    /// <param name="options">Sizes.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="device">Where the weights live.</param>
    /// <param name="random">Seeds the initial weights.</param>
    internal abstract Network Standalone(NetworkOptions options, Architecture architecture, Device device, RandomStream random);

    /// <summary>
    /// One architecture of a supernet as a network of its own: with the layers that the supernet has for it, its weights, and running
    /// statistics. Where the supernet normalises by batch statistics these are yet to be made.
    /// </summary>
    /// <param name="options">Sizes of the supernet.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="supernet">The supernet.</param>
    /// <param name="device">Where the copies of the weights live.</param>
    internal virtual Network Subnetwork(NetworkOptions options, Architecture architecture, Network supernet, Device device) =>
        throw new NotSupportedException($"{Space.Name} does not say how an architecture is taken out of a supernet");

    /// <summary>
    /// The layers of the architecture's plain network, for counting costs without building tensors, and for predicting how long it takes
    /// in evaluation: so with those that cost nothing but time. An auxiliary head is not among them: it is for training only.
    /// </summary>
    /// <param name="options">Sizes.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="liveOnly">
    /// Whether to leave out layers that the output does not depend on. The published tables count them, so counting them is the
    /// convention; a stand-alone network of ours does not hold them.
    /// </param>
    internal abstract IEnumerable<LayerShape> Layers(NetworkOptions options, Architecture architecture, bool liveOnly);

    /// <summary>Parameters and multiply-adds by the published convention: every operation of the architecture counts.</summary>
    internal Cost Cost(NetworkOptions options, Architecture architecture) =>
        CostCounter.Count(Layers(options, architecture, liveOnly: false));

    /// <summary>Parameters and multiply-adds of what is computed: operations that do not reach the output are left out.</summary>
    internal Cost LiveCost(NetworkOptions options, Architecture architecture) =>
        CostCounter.Count(Layers(options, architecture, liveOnly: true));

    /// <summary>What lies on the paths of what is computed; layers that all architectures have count too.</summary>
    internal abstract PathProfile Paths(NetworkOptions options, Architecture architecture);

    /// <summary>Operations with weights on the longest of those paths.</summary>
    internal int Depth(NetworkOptions options, Architecture architecture) => Paths(options, architecture).Operations;

    /// <summary>Throws unless the sizes are in the space's ranges.</summary>
    /// <exception cref="BadOptionException">A size is out of range; the message names the option.</exception>
    private protected abstract void CheckSizes(NetworkOptions options);

    private string HowToSize => (Features & (NetworkFeatures.WidthMultiplier | NetworkFeatures.Widths)) switch
    {
        NetworkFeatures.WidthMultiplier => "set width-multiplier",
        NetworkFeatures.None => "set channels",
        _ => "set width-multiplier or widths",
    };

    private void Require(NetworkFeatures feature, bool wanted, string message)
    {
        if (wanted && (Features & feature) == 0)
            throw new BadOptionException(string.Format(System.Globalization.CultureInfo.InvariantCulture, message, Space.Name));
    }
}
