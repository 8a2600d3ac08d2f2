using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;
using static TorchSharp.torch;

namespace PandaNas.Latency;

/// <summary>The work that a network in evaluation mode does for a layer, made of the layer's sizes.</summary>
/// <param name="Inputs">The shapes of what it is given: N×C×H×W, or N×features.</param>
/// <param name="Torch">Computes it.</param>
/// <param name="Onnx">Writes it as nodes of ONNX.</param>
internal sealed record LayerWork(long[][] Inputs, Func<Tensor[], Tensor> Torch, Func<OnnxGraph, OnnxValue[], OnnxValue> Onnx)
{
    private const int ConcatenatedParts = 4;

    /// <summary>The work; its tensors belong to the caller's dispose scope.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="store">Makes its weights.</param>
    /// <param name="batch">Images at a time.</param>
    public static LayerWork Of(LayerShape layer, WeightStore store, int batch)
    {
        return layer switch
        {
            ConvolutionShape shape => Convolve(
                shape, store, Images(shape.InputChannels, shape.OutputHeight * shape.Stride, shape.OutputWidth * shape.Stride)),
            BatchNormShape shape => Normalize(shape, store, Images(shape.Channels, shape.Size, shape.Size)),
            PoolingShape shape => Pool(shape, Images(shape.Channels, shape.InputSize, shape.InputSize)),
            ElementwiseShape { Operation: ElementwiseKind.Concatenation } shape => Concatenate(shape, Images),
            ElementwiseShape shape => Compute(shape.Operation, Images(shape.Channels, shape.Size, shape.Size)),
            ModuleShape shape => Run(shape, store, Images(shape.At.Inputs, shape.At.InputSize, shape.At.InputSize)),
            LinearShape shape => Classify(shape, store, [batch, shape.InputFeatures]),
            _ => throw new BadOptionException($"a latency table cannot time {layer.Name}: a module is timed as a whole"),
        };

        long[] Images(int channels, int height, int width) => [batch, channels, height, width];
    }

    private static LayerWork Convolve(ConvolutionShape shape, WeightStore store, long[] input)
    {
        var convolution = new Convolution(
            store, "layer", shape.InputChannels, shape.OutputChannels, shape.Kernel, shape.Stride, shape.Bias, shape.Groups,
            shape.Dilation);
        return new LayerWork(
            [input], inputs => convolution.Forward(inputs[0]), (graph, inputs) => convolution.Export(graph, inputs[0]));
    }

    private static LayerWork Normalize(BatchNormShape shape, WeightStore store, long[] input)
    {
        var norm = new BatchNorm(store, "layer", shape.Channels, Normalization.RunningStatistics);
        return new LayerWork(
            [input], inputs => norm.Plain(inputs[0], training: false), (graph, inputs) => norm.Export(graph, inputs[0]));
    }

    private static LayerWork Pool(PoolingShape shape, long[] input)
    {
        Pooling pooling = shape switch
        {
            { Pooling: PoolingKind.GlobalAverage } => Pooling.Global,
            { Kernel: 2 } => Pooling.Halving,
            _ => Pooling.Same3x3(shape.Pooling, shape.Stride),
        };
        return new LayerWork([input], inputs => pooling.Forward(inputs[0]), (graph, inputs) => pooling.Export(graph, inputs[0]));
    }

    private static LayerWork Run(ModuleShape shape, WeightStore store, long[] input)
    {
        var options = new NetworkOptions(shape.At.Inputs, shape.At.InputSize, Classes: 2, Channels: 0, Cells: 0);
        var layer = new ModuleLayer(
            new OperationSetting(new NetworkSetting(store, options, IsStandalone: true, Only: null), "layer", shape.At), shape.Operation);
        return new LayerWork(
            [input], inputs => layer.Forward(inputs[0], training: false), (graph, inputs) => layer.Export(graph, inputs[0]));
    }

    private static LayerWork Compute(ElementwiseKind operation, long[] input)
    {
        float ceiling = operation == ElementwiseKind.Relu6 ? 6 : float.PositiveInfinity;
        return operation == ElementwiseKind.Addition
            ? new LayerWork([input, input], inputs => inputs[0].Plus(inputs[1]), (graph, inputs) => graph.Node("Add", inputs))
            : new LayerWork(
                [input], inputs => Node.Activated(inputs[0], ceiling),
                (graph, inputs) => new OnnxComputation(graph, ceiling).Sum([new(inputs[0])], Reads.Activated).Activated);
    }

    private static LayerWork Concatenate(ElementwiseShape shape, Func<int, int, int, long[]> images)
    {
        int parts = Math.Min(ConcatenatedParts, shape.Channels);
        return new LayerWork(
            [.. Enumerable.Range(0, parts).Select(part => images((shape.Channels + part) / parts, shape.Size, shape.Size))],
            inputs => cat(inputs, 1), (graph, inputs) => new OnnxComputation(graph, float.PositiveInfinity).Concatenate(inputs));
    }

    private static LayerWork Classify(LinearShape shape, WeightStore store, long[] input)
    {
        var linear = new Linear(store, "layer", shape.InputFeatures, shape.OutputFeatures);
        return new LayerWork([input], inputs => linear.Forward(inputs[0]), (graph, inputs) => linear.Export(graph, inputs[0]));
    }
}
