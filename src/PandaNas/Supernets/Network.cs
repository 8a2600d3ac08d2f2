using PandaNas.Distributed;
using PandaNas.Onnx;
using PandaNas.Spaces;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// A network that computes paths of a search space: a supernet holds the weights of every candidate, a stand-alone network those
/// of one architecture. Training, ranking and search see this and nothing of a particular space.
/// </summary>
public abstract class Network : IDisposable
{
    /// <summary>The share of a batch in its running statistics: PyTorch's default.</summary>
    internal const double StatisticsMomentum = 0.1;

    private readonly WeightStore _store;

    /// <summary>Takes over the store that the layers were built from.</summary>
    private protected Network(SearchSpace space, WeightStore store)
    {
        Space = space;
        _store = store;
    }

    /// <summary>The space whose paths the network computes.</summary>
    public SearchSpace Space { get; }

    /// <summary>All trainable tensors, in a fixed order.</summary>
    public IReadOnlyList<Weight> Weights => _store.Weights;

    /// <summary>Running statistics, in a fixed order; empty for a network that normalises by batch statistics.</summary>
    internal IReadOnlyList<(string Name, Tensor Tensor)> Statistics => _store.Statistics;

    /// <summary>What operations share, by the name that each would give a copy of its own; empty where they share nothing.</summary>
    internal IReadOnlyList<(string Name, KernelWeights Part)> Parts => _store.Parts;

    /// <summary>
    /// The type of activations and of the arithmetic of convolutions; weights, statistics, logits and gradients of weights are float32.
    /// </summary>
    internal Precision Precision { get; set; } = Precision.Float32;

    /// <summary>The images in the type that the network computes in: every later operation computes in the type of its input.</summary>
    private protected Tensor InPrecision(Tensor images) => Precision == Precision.Float32 ? images : images.to(ScalarType.BFloat16);

    /// <summary>The logits of a path.</summary>
    /// <param name="images">N×C×H×W, normalised; channels-last memory is fastest.</param>
    /// <param name="path">An architecture of <see cref="Space"/>.</param>
    /// <param name="training">Whether running statistics are updated and not used; of no effect on batch statistics.</param>
    /// <returns>N×classes.</returns>
    public abstract Tensor Forward(Tensor images, Architecture path, bool training);

    /// <summary>What a path computes while it is trained.</summary>
    /// <param name="images">As in <see cref="Forward"/>.</param>
    /// <param name="path">As there.</param>
    /// <param name="dropPath">What is left out at random; networks without drop path do not look at it.</param>
    /// <param name="ranks">
    /// Each has a part of the batch, and batch norms see the statistics of the whole; null where they see what is here.
    /// </param>
    internal virtual TrainingOutput ForwardTraining(Tensor images, Architecture path, DropPath dropPath, ICommunicator? ranks = null) =>
        new(Forward(images, path, training: true), null);

    /// <summary>
    /// What all paths compute alike of images, for evaluating many of them: at least the images in the network's precision, and where
    /// nothing in it depends on the path, the first layers.
    /// </summary>
    /// <param name="images">As for <see cref="Forward"/>.</param>
    internal virtual IReadOnlyList<Tensor> Share(Tensor images) => [InPrecision(images)];

    /// <summary>The logits of a path in evaluation, from what <see cref="Share"/> gave.</summary>
    internal virtual Tensor FromShared(IReadOnlyList<Tensor> shared, Architecture path)
    {
        ArgumentNullException.ThrowIfNull(shared);
        return Forward(shared[0], path, training: false);
    }

    /// <summary>Writes what a path computes in evaluation as nodes of ONNX.</summary>
    /// <param name="onnx">Receives the nodes.</param>
    /// <param name="images">N×C×H×W, normalised.</param>
    /// <param name="path">As in <see cref="Forward"/>; the network must have running statistics.</param>
    /// <param name="ranges">Told what torch computes for each value, of images that it knows; null computes nothing.</param>
    /// <returns>The logits, N×classes.</returns>
    internal virtual OnnxValue Export(OnnxGraph onnx, OnnxValue images, Architecture path, ActivationRanges? ranges = null) =>
        throw new NotSupportedException($"networks of {Space.Name} cannot be exported to ONNX");

    /// <summary>Whether the path uses the weight.</summary>
    internal static bool Uses(Architecture path, Weight weight)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(weight);
        return weight.IsShared || weight.ChoiceIn(path) != Weight.Unused;
    }

    /// <summary>Every tensor that makes up the network's state, by name: weights, statistics, then constants of modules.</summary>
    internal IEnumerable<(string Name, Tensor Tensor)> State() =>
        Weights.Select(weight => (weight.Name, weight.Tensor)).Concat(Statistics).Concat(_store.Constants);

    /// <summary>Copies values into the tensors of <see cref="State"/>.</summary>
    /// <param name="values">A tensor for every name, of the same shape; more are ignored.</param>
    /// <param name="origin">Where the values come from, for the error message.</param>
    /// <exception cref="BadDataException">A tensor is missing or has another shape or type.</exception>
    internal void Load(IReadOnlyDictionary<string, Tensor> values, string origin)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var _ = no_grad();
        foreach ((string name, Tensor target) in State())
        {
            if (!values.TryGetValue(name, out Tensor? source))
                throw new BadDataException(
                    $"'{origin}' has no tensor '{name}': it belongs to another network. Use the options it was trained with.");
            if (source.dtype != target.dtype || !source.shape.AsSpan().SequenceEqual(target.shape))
                throw new BadDataException(
                    $"tensor '{name}' of '{origin}' is {source.dtype} [{string.Join(',', source.shape)}], "
                    + $"expected {target.dtype} [{string.Join(',', target.shape)}]: it belongs to another network. "
                    + "Use the options it was trained with.");
            target.copy_(source);
        }
    }

    /// <summary>Frees all tensors.</summary>
    public void Dispose()
    {
        _store.Dispose();
        GC.SuppressFinalize(this);
    }
}
