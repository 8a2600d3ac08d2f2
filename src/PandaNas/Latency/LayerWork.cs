using PandaNas.Costs;
using PandaNas.Runtime.Torch;
using PandaNas.Supernets;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;
using static TorchSharp.torch;

namespace PandaNas.Latency;

/// <summary>
/// Makes of a layer's sizes the work that a network in evaluation mode does for it, on channels-last tensors of random values.
/// </summary>
internal static class LayerWork
{
    private const int ConcatenatedParts = 4;

    /// <summary>The work; its tensors belong to the caller's dispose scope.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="store">Makes its weights.</param>
    /// <param name="batch">Images at a time.</param>
    /// <param name="precision">The type of activations.</param>
    public static Func<Tensor> Of(LayerShape layer, WeightStore store, int batch, Precision precision)
    {
        Tensor Input(int channels, int height, int width)
        {
            Tensor values = randn(batch, channels, height, width);
            return ChannelsLast.Of(precision == Precision.Float32 ? values : values.to(ScalarType.BFloat16));
        }
        return layer switch
        {
            ConvolutionShape shape => Convolve(
                shape, store, Input(shape.InputChannels, shape.OutputHeight * shape.Stride, shape.OutputWidth * shape.Stride)),
            BatchNormShape shape => Normalize(shape, store, Input(shape.Channels, shape.Size, shape.Size)),
            PoolingShape shape => Pool(shape, Input(shape.Channels, shape.InputSize, shape.InputSize)),
            ElementwiseShape { Operation: ElementwiseKind.Concatenation } shape => Concatenate(shape, Input),
            ElementwiseShape shape => Compute(
                shape.Operation, Input(shape.Channels, shape.Size, shape.Size), Input(shape.Channels, shape.Size, shape.Size)),
            ModuleShape shape => Run(shape, store, Input(shape.At.Inputs, shape.At.InputSize, shape.At.InputSize)),
            LinearShape shape => Classify(shape, store, randn(batch, shape.InputFeatures)),
            _ => throw new BadOptionException($"a latency table cannot time {layer.Name}: a module is timed as a whole"),
        };
    }

    private static Func<Tensor> Convolve(ConvolutionShape shape, WeightStore store, Tensor input)
    {
        var convolution = new Convolution(
            store, "layer", shape.InputChannels, shape.OutputChannels, shape.Kernel, shape.Stride, shape.Bias, shape.Groups,
            shape.Dilation);
        return () => convolution.Forward(input);
    }

    private static Func<Tensor> Normalize(BatchNormShape shape, WeightStore store, Tensor input)
    {
        var norm = new BatchNorm(store, "layer", shape.Channels, Normalization.RunningStatistics);
        return () => norm.Plain(input, training: false);
    }

    private static Func<Tensor> Pool(PoolingShape shape, Tensor input)
    {
        Pooling pooling = shape switch
        {
            { Pooling: PoolingKind.GlobalAverage } => Pooling.Global,
            { Kernel: 2 } => Pooling.Halving,
            _ => Pooling.Same3x3(shape.Pooling, shape.Stride),
        };
        return () => pooling.Forward(input);
    }

    private static Func<Tensor> Run(ModuleShape shape, WeightStore store, Tensor input)
    {
        var options = new NetworkOptions(shape.At.Inputs, shape.At.InputSize, Classes: 2, Channels: 0, Cells: 0);
        var layer = new ModuleLayer(
            new OperationSetting(new NetworkSetting(store, options, IsStandalone: true, Only: null), "layer", shape.At), shape.Operation);
        return () => layer.Forward(input, training: false);
    }

    private static Func<Tensor> Compute(ElementwiseKind operation, Tensor one, Tensor other) => operation switch
    {
        ElementwiseKind.Addition => () => one.Plus(other),
        ElementwiseKind.Relu => () => Node.Activated(one, float.PositiveInfinity),
        _ => () => Node.Activated(one, 6),
    };

    private static Func<Tensor> Concatenate(ElementwiseShape shape, Func<int, int, int, Tensor> input)
    {
        int parts = Math.Min(ConcatenatedParts, shape.Channels);
        Tensor[] tensors = [.. Enumerable.Range(0, parts).Select(part => input((shape.Channels + part) / parts, shape.Size, shape.Size))];
        return () => cat(tensors, 1);
    }

    private static Func<Tensor> Classify(LinearShape shape, WeightStore store, Tensor input)
    {
        var linear = new Linear(store, "layer", shape.InputFeatures, shape.OutputFeatures);
        return () => linear.Forward(input);
    }
}
