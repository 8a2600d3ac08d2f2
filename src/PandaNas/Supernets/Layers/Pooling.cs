using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets.Layers;

/// <summary>A pooling; averages leave the padding out of the mean. It keeps the channels.</summary>
/// <param name="Kind">What it keeps of the pixels that it sees.</param>
/// <param name="Kernel">Side of what it sees in pixels; of no meaning where it sees everything.</param>
/// <param name="Stride">Step in pixels.</param>
/// <param name="Padding">Pixels that it adds at every side.</param>
internal sealed record Pooling(PoolingKind Kind, int Kernel, int Stride, int Padding = 0)
{
    /// <summary>The mean of every channel, N×C in float32.</summary>
    public static Pooling Global { get; } = new(PoolingKind.GlobalAverage, 1, 1);

    /// <summary>The mean of 2×2 pixels; odd sizes are rounded up.</summary>
    public static Pooling Halving { get; } = new(PoolingKind.Average, 2, 2);

    /// <summary>3×3, with a border of padding so that stride 1 keeps the size.</summary>
    public static Pooling Same3x3(PoolingKind kind, int stride) => new(kind, 3, stride, 1);

    /// <summary>Its sizes for a number of channels and inputs of a height and width in pixels.</summary>
    public PoolingShape Shape(int channels, int inputSize) =>
        Kind == PoolingKind.GlobalAverage ? PoolingShape.Global(channels, inputSize) : new PoolingShape(
            Kind, channels, Kernel, Stride, inputSize);

    /// <summary>Height and width of its output in pixels.</summary>
    public int OutputSize(int inputSize) => Kind switch
    {
        PoolingKind.GlobalAverage => 1,
        _ when Padding > 0 || this == Halving => (inputSize + Stride - 1) / Stride,
        _ => (inputSize - Kernel) / Stride + 1,
    };

    /// <summary>N×C×H×W to N×C×H'×W', or N×C.</summary>
    public Tensor Forward(Tensor input) => Kind switch
    {
        PoolingKind.GlobalAverage =>
            ChannelsLast.Is(input) ? GlobalMean.Apply(input) : Tape.Torch(input, x => x.mean([2, 3]).to(ScalarType.Float32)),
        PoolingKind.Max => Tape.Torch(input, x => functional.max_pool2d(x, Kernel, Stride, Padding)),
        _ when Kernel == 2 && ChannelsLast.Is(input) => AveragePool2x2.Apply(input),
        _ when Kernel == 3 && Stride == 1 && ChannelsLast.Is(input) => AveragePool3x3.Apply(input),
        _ => Tape.Torch(input, x => functional.avg_pool2d(
            Padding > 0 ? Padded(x) : x, Kernel, Stride, Padding, ceil_mode: Kernel == 2, count_include_pad: false)),
    };

    /// <summary>The same as nodes of ONNX.</summary>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input)
    {
        if (Kind == PoolingKind.GlobalAverage) return graph.GlobalMean(input);
        string operation = Kind == PoolingKind.Max ? "MaxPool" : "AveragePool";
        long[] padding = [Padding, Padding, Padding, Padding];
        return graph.Node(
            operation, [input], ("kernel_shape", OnnxGraph.Pair(Kernel)), ("strides", OnnxGraph.Pair(Stride)), ("pads", padding),
            ("ceil_mode", this == Halving ? 1L : 0L));
    }

    // On a GPU torch 2.11, and by the report those before it, gives wrong gradients of padded pooling in channels-last memory:
    // pytorch/pytorch issue 188344.
    private static Tensor Padded(Tensor input) => input.device_type == TorchSharp.DeviceType.CPU ? input : input.contiguous();
}
