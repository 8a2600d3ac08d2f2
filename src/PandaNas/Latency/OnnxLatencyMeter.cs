using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Onnx.Protocol;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Latency;

/// <summary>
/// Measures in a runtime what <c>panda export</c> writes: networks as ONNX models with folded batch norms that take normalised images, and
/// layers as models of one layer, less what the call of a model takes that does nothing. Weights and images are random.
/// </summary>
/// <param name="family">The space.</param>
/// <param name="sizes">The sizes of its networks.</param>
/// <param name="batch">Images at a time, at least 1.</param>
/// <param name="threads">Threads that compute.</param>
/// <param name="timer">Times every run.</param>
/// <param name="repetitions">Runs whose median counts.</param>
/// <param name="open">Opens a model in the runtime.</param>
internal sealed class OnnxLatencyMeter(
    SpaceFamily family, NetworkOptions sizes, int batch, int threads, MedianTimer timer, int repetitions, OnnxWorkOpener open)
    : ILatencyMeter
{
    // A layer is too short for a clock: so many calls are timed together.
    private const int LayerCalls = 10;

    // What the call of a model takes; of each round its own, since rounds differ.
    private double? _call;

    private static RandomStream Weights => RandomStream.Derive(0, "latency");

    /// <inheritdoc/>
    public double Network(Architecture architecture)
    {
        // Networks and layers take turns in rounds.
        _call = null;
        using Network network = family.Standalone(sizes, architecture, CPU, Weights);
        return Seconds(
            [[batch, sizes.InputChannels, sizes.ImageSize, sizes.ImageSize]],
            (graph, inputs) => network.Export(graph, inputs[0], architecture), calls: 1);
    }

    /// <inheritdoc/>
    /// <exception cref="SpaceDefinitionException">A module does not say how it is exported.</exception>
    public double Layer(LayerShape layer)
    {
        _call ??= Seconds([[1]], (graph, inputs) => graph.Node("Identity", inputs), LayerCalls);
        using var scope = NewDisposeScope();
        using var store = new WeightStore(CPU, Weights);
        LayerWork work = LayerWork.Of(layer, store, batch);
        return Math.Max(0, Seconds(work.Inputs, work.Onnx, LayerCalls) - _call.Value);
    }

    private double Seconds(long[][] shapes, Func<OnnxGraph, OnnxValue[], OnnxValue> write, int calls)
    {
        using var _ = no_grad();
        var graph = new OnnxGraph([]);
        OnnxValue[] inputs =
            [.. shapes.Select((shape, i) => graph.Input($"input{i}", TensorProto.Types.DataType.Float, [.. shape.Cast<object>()]))];
        // The output's shape is the runtime's to find.
        graph.Output(write(graph, inputs), "output");
        NormFolding.Apply(graph.Proto);
        using IOnnxWork work = open(graph.ToFile(""), [.. shapes.Select(shape => (Values(shape), shape))], threads);
        return timer.Seconds(
            () =>
            {
                for (int i = 0; i < calls; i++) work.Run();
            },
            repetitions) / calls;
    }

    private static float[] Values(long[] shape)
    {
        using Tensor values = randn(shape);
        return values.data<float>().ToArray();
    }
}
