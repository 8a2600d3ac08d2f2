using PandaNas.Costs;
using PandaNas.Onnx;
using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Convolutions;
using PandaNas.Supernets.Kernels.Depthwise;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets.Layers;

/// <summary>A 2-D convolution of its own weights; "same" padding for odd kernels. Input and output N×C×H×W.</summary>
internal sealed class Convolution
{
    // libtorch's 1×1 convolutions are right up to so many outputs, and for multiples of twice as many: docs/dependencies.md.
    private const int SafePointwiseOutputs = 32;

    private readonly KernelWeights _weight;
    private readonly Tensor? _bias;
    private readonly int _inputs, _outputs, _kernel, _stride, _groups, _dilation, _padding;
    private readonly bool _hasBias, _isPlain, _isProduct, _isDepthwise, _onlyFloat32;

    /// <summary>Weights as PyTorch initialises them: uniform in ±1/√(fan-in).</summary>
    public Convolution(
        WeightStore store, string name, int inputs, int outputs, int kernel, int stride, bool bias, int groups = 1, int dilation = 1)
    {
        long[] shape = [outputs, inputs / groups, kernel, kernel];
        _weight = store.Kernel($"{name}.weight", shape);
        _bias = bias ? store.Uniform($"{name}.bias", [outputs], WeightStore.Bound(shape)) : null;
        (_inputs, _outputs, _kernel, _stride, _groups, _dilation, _hasBias) = (inputs, outputs, kernel, stride, groups, dilation, bias);
        _padding = dilation * (kernel - 1) / 2;
        _isPlain = groups == 1 && dilation == 1;
        _isProduct = kernel == 1 && stride == 1 && groups == 1
            && outputs > SafePointwiseOutputs && outputs % (2 * SafePointwiseOutputs) != 0;
        _isDepthwise = groups == inputs && groups == outputs && !bias;
        // In bfloat16 libtorch's are wrong for groups, for odd numbers of outputs and for a single input.
        _onlyFloat32 = groups > 1 || outputs % 2 != 0 || inputs == 1;
    }

    /// <summary>Whether an output pixel depends on more than one input pixel.</summary>
    public bool LooksAround => _kernel > 1;

    /// <summary>Its sizes for inputs of a height and width in pixels.</summary>
    public ConvolutionShape Shape(int inputSize)
    {
        int size = (inputSize + 2 * _padding - _dilation * (_kernel - 1) - 1) / _stride + 1;
        return new ConvolutionShape(_inputs, _outputs, _kernel, _stride, _groups, _hasBias, size, size, _dilation);
    }

    /// <summary>Gives the type of the input, and computes in it where libtorch can; weights and their gradients stay float32.</summary>
    public Tensor Forward(Tensor input)
    {
        if (_isDepthwise && ChannelsLast.Is(input))
        {
            Tensor weight = Recorded(_weight);
            return Noted(input, weight, () => DepthwiseConvolution.Apply(input, weight, _stride, _dilation));
        }
        Tensor source = _onlyFloat32 ? In(ScalarType.Float32, input) : input;
        Tensor output = _isPlain && DirectConvolution.IsFaster(source, _weight.Shape)
            ? Direct(source, Recorded(_weight))
            : Tape.Torch(source, ForwardByTorch);
        return In(input.dtype, output);
    }

    /// <summary>By torch's own operation, without its bias and with something made of its weights, in the type of that.</summary>
    public Tensor Through(Tensor input, Func<Tensor, Tensor> weight) => functional.conv2d(
        input, weight(_weight.Plain), null, [_stride, _stride], [_padding, _padding], [_dilation, _dilation], _groups);

    /// <summary>The same as nodes of ONNX.</summary>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input) =>
        graph.Convolution(input, _weight.Plain, _bias, _stride, _padding, _dilation, _groups);

    /// <summary>Weights for operations that a tape records: where they are a part, gradients go back to the whole.</summary>
    internal static Tensor Recorded(KernelWeights weights) =>
        weights.IsPart ? Tape.Torch([], _ => weights.Plain) : weights.Whole;

    private Tensor Direct(Tensor input, Tensor weight) =>
        Noted(input, weight, () => DirectConvolution.Apply(input, weight, _bias, _stride));

    private Tensor ForwardByTorch(Tensor input)
    {
        Tensor weight = Cast(_weight.Plain);
        Tensor? bias = _bias is null ? null : Cast(_bias);
        return Noted(input, weight, () => Compute(input, weight, bias));

        Tensor Cast(Tensor tensor) => tensor.dtype == input.dtype ? tensor : tensor.to(input.dtype);
    }

    private static Tensor Noted(Tensor input, Tensor weight, Func<Tensor> compute)
    {
        long started = OperationProfile.Now;
        Tensor output = compute();
        OperationProfile.Current?.AddProduct(
            OperationProfile.Convolution, started, output.numel() * weight.numel() / weight.shape[0], input, weight, output);
        return output;
    }

    private Tensor Compute(Tensor input, Tensor weight, Tensor? bias) => _isProduct
        ? functional.linear(input.permute(0, 2, 3, 1), weight.flatten(1), bias).permute(0, 3, 1, 2)
        : functional.conv2d(input, weight, bias, [_stride, _stride], [_padding, _padding], [_dilation, _dilation], _groups);

    private static Tensor In(ScalarType type, Tensor tensor) =>
        tensor.dtype == type ? tensor : Tape.Torch(tensor, values => values.to(type));
}
