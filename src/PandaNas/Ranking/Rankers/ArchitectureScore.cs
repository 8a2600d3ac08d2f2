using PandaNas.Costs;
using PandaNas.Runtime.Threads;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Graphs;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>A score of architectures that rankers can name; more is better.</summary>
/// <param name="Name">The name that rankers use.</param>
/// <param name="Summary">What it is, in one line.</param>
/// <param name="Make">
/// Makes what scores architectures; throws a <see cref="BadOptionException"/> where the space cannot have the score. A number that is not
/// finite stands for the worst.
/// </param>
/// <example>
/// <code>
/// // More outputs of the largest layer are better.
/// Catalog.Default.With(new ArchitectureScore("width", "channels of the widest weight", setting => architecture =>
/// {
///     using Network network = setting.NewNetwork(architecture);
///     return network.Weights.Max(weight => weight.Tensor.shape[0]);
/// }));
/// </code>
/// </example>
public sealed record ArchitectureScore(string Name, string Summary, Func<ScoreSetting, Func<Architecture, double>> Make)
{
    /// <summary>
    /// Whether it only counts: it then takes next to no time and is not kept in the run's folder. Scores that compute networks are
    /// kept, and ranked against a tenth of the reference sample.
    /// </summary>
    public bool IsCounted { get; init; }

    /// <summary>Whether it is measured with the supernet's weights, whose scores are kept by themselves.</summary>
    internal bool IsOfSupernet { get; init; }

    /// <summary>Whether several architectures can be scored at a time: it computes networks of its own, of the same images.</summary>
    internal bool IsOfInitialNetworks { get; private init; }

    /// <summary>A score of initial networks.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="summary">What it is, in one line.</param>
    /// <param name="score">Gives it of a network, its architecture and the setting's images; of different networks at a time.</param>
    internal static ArchitectureScore OfInitial(string name, string summary, Func<GraphNetwork, Architecture, Tensor, double> score) =>
        new(name, summary, setting => architecture =>
        {
            using var network = (GraphNetwork)setting.NewNetwork(architecture);
            return score(network, architecture, setting.Images);
        })
        {
            IsOfInitialNetworks = true,
        };
}

/// <summary>What scores are made of.</summary>
public sealed class ScoreSetting
{
    // Of a batch that is kept for going back through a network: some sixty layers of sixteen channels.
    private const int ChannelsOfNetwork = 1024;

    private readonly SpaceFamily _family;
    private readonly NetworkOptions _sizes;
    private readonly long _seed;
    private readonly Lazy<Tensor> _images;

    /// <summary>A setting.</summary>
    /// <param name="family">The space and its networks.</param>
    /// <param name="sizes">The supernet's sizes.</param>
    /// <param name="seed">The supernet's seed, from which initial weights derive.</param>
    /// <param name="images">Makes the batch.</param>
    /// <param name="accuracy">The accuracy with the supernet's weights.</param>
    /// <param name="loss">The mean cross-entropy with them.</param>
    internal ScoreSetting(
        SpaceFamily family, NetworkOptions sizes, long seed, Func<Tensor> images, Func<Architecture, double> accuracy,
        Func<Architecture, double> loss)
    {
        (_family, _sizes, _seed, _images) = (family, sizes, seed, new Lazy<Tensor>(images));
        (Accuracy, Loss) = (accuracy, loss);
    }

    /// <summary>Which of the initial networks it is, from 0.</summary>
    internal int Number { get; init; }

    /// <summary>How several architectures get scores of initial networks.</summary>
    internal SideBySide InitialScores => _family.RunsModules
        ? SideBySide.OneByOne
        : new SideBySide(Images.numel() / Images.shape[1] * sizeof(float) * ChannelsOfNetwork);

    /// <summary>The space of the architectures.</summary>
    public SearchSpace Space => _family.Space;

    /// <summary>Training images, normalised and without augmentation: N×C×H×W, float32, on the CPU. They are the setting's.</summary>
    public Tensor Images => _images.Value;

    /// <summary>The accuracy with the supernet's weights.</summary>
    internal Func<Architecture, double> Accuracy { get; }

    /// <summary>The mean cross-entropy with the supernet's weights.</summary>
    internal Func<Architecture, double> Loss { get; }

    /// <summary>Parameters and multiply-adds of what an architecture computes, at the supernet's sizes.</summary>
    public Cost LiveCost(Architecture architecture) => _family.LiveCost(_sizes, architecture);

    /// <summary>Operations with weights on the longest path from the images to the classifier.</summary>
    public int Depth(Architecture architecture) => _family.Depth(_sizes, architecture);

    /// <summary>
    /// The stand-alone network of what an architecture computes, at its initial weights, which the supernet's seed decides; on the CPU. Its
    /// sizes are the supernet's, but in NAS-Bench-201 it has at least the usual 5 cells a stage. The caller disposes it.
    /// </summary>
    public Network NewNetwork(Architecture architecture) => _family.Standalone(
        _family.SizesOfInitialScores(_sizes) with { ZeroResiduals = false }, architecture, CPU,
        RandomStream.Derive(_seed, StreamOf(Number)));

    /// <summary>The name of the random numbers of an initial network, from 0.</summary>
    internal static string StreamOf(int network) => network == 0 ? "initial-scores" : $"initial-scores/{network}";
}
