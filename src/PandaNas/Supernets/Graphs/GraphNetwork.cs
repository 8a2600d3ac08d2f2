using PandaNas.Distributed;
using PandaNas.Onnx;
using PandaNas.Spaces;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Graphs;

/// <summary>A network that computes its graph with tensors.</summary>
internal sealed class GraphNetwork(SearchSpace space, WeightStore store, NetworkGraph graph) : Network(space, store)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor images, Architecture path, bool training) =>
        Compute(images, path, training, DropPath.None, null, auxiliary: false)[0];

    /// <inheritdoc/>
    internal override TrainingOutput ForwardTraining(Tensor images, Architecture path, DropPath dropPath, ICommunicator? ranks)
    {
        IReadOnlyList<Tensor> outputs = Compute(images, path, training: true, dropPath, ranks, auxiliary: true);
        return new TrainingOutput(outputs[0], outputs.Count > 1 ? outputs[1] : null);
    }

    /// <inheritdoc/>
    internal override IReadOnlyList<Tensor> Share(Tensor images)
    {
        using TensorComputation computation = Computation(training: false, DropPath.None);
        return [.. graph.Start(computation, Prepared(images)).Select(computation.Result)];
    }

    /// <inheritdoc/>
    internal override Tensor FromShared(IReadOnlyList<Tensor> shared, Architecture path)
    {
        using TensorComputation computation = Computation(training: false, DropPath.None);
        return computation.Result(graph.Finish(computation, shared, path));
    }

    /// <inheritdoc/>
    internal override OnnxValue Export(OnnxGraph onnx, OnnxValue images, Architecture path, ActivationRanges? ranges = null)
    {
        using var scope = NewDisposeScope();
        return graph.Compute(new OnnxComputation(onnx, graph.Ceiling, ranges), images, path).Logits;
    }

    /// <summary>The logits of a path, computed with something else than <see cref="TensorComputation"/>.</summary>
    internal T Compute<T>(IComputation<T> computation, T images, Architecture path) where T : class =>
        graph.Compute(computation, images, path).Logits;

    /// <summary>Computes a path as while it is trained, for its activations alone.</summary>
    /// <param name="images">As for <see cref="Forward"/>.</param>
    /// <param name="path">As there.</param>
    /// <param name="activated">Sees every activation, N×C×H×W.</param>
    internal void Observe(Tensor images, Architecture path, Action<Tensor> activated) => Observe(
        images, path, new TensorComputation(training: true, graph.Ceiling, DropPath.None, activated: activated));

    /// <summary>Computes a path as while it is trained, for a number of what its stem and each of its blocks give.</summary>
    /// <param name="images">As for <see cref="Forward"/>.</param>
    /// <param name="path">As there.</param>
    /// <param name="term">
    /// Makes the number of an output, N×C×H×W, before an activation that belongs to the block after it.
    /// </param>
    /// <returns>The sum over the stem and all blocks.</returns>
    internal double SumOverBlocks(Tensor images, Architecture path, Func<Tensor, double> term)
    {
        double sum = 0;
        Observe(images, path, new TensorComputation(training: true, graph.Ceiling, DropPath.None, ended: output => sum += term(output)));
        return sum;
    }

    private void Observe(Tensor images, Architecture path, TensorComputation observing)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        using TensorComputation computation = observing;
        graph.Compute(computation, Prepared(images), path);
    }

    private IReadOnlyList<Tensor> Compute(
        Tensor images, Architecture path, bool training, DropPath dropPath, ICommunicator? ranks, bool auxiliary) =>
        Tape.Over(Prepared(images), input =>
        {
            using TensorComputation computation = Computation(training, dropPath, ranks);
            (Tensor logits, Tensor? second) = graph.Compute(computation, input, path, auxiliary);
            return second is null ? [computation.Result(logits)] : [computation.Result(logits), computation.Result(second)];
        });

    private TensorComputation Computation(bool training, DropPath dropPath, ICommunicator? ranks = null) =>
        new(training, graph.Ceiling, dropPath, ranks);

    // In the network's type and in channels-last memory, which every later operation keeps and the fused kernels need.
    private Tensor Prepared(Tensor images) => ChannelsLast.Of(InPrecision(images));
}
