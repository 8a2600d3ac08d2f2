using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels.Depthwise;

/// <summary>
/// A depthwise convolution with "same" padding on channels-last memory: every output value is summed in a register, while a window of
/// rows stays in the cache. The gradient of the input is the same operation on the spread gradient of the output.
/// </summary>
internal sealed class DepthwiseConvolution : FusedFunction<DepthwiseConvolution>
{
    /// <inheritdoc/>
    public override string Name => OperationProfile.Convolution;

    /// <inheritdoc/>
    public override bool IsNoted => false;

    /// <summary>Convolves N×C×H×W in channels-last memory.</summary>
    /// <param name="input">float32 or bfloat16; the output has its type.</param>
    /// <param name="weight">C×1×K×K in float32, K odd.</param>
    /// <param name="stride">1 or more.</param>
    /// <param name="dilation">1 or more.</param>
    public static Tensor Apply(Tensor input, Tensor weight, int stride, int dilation)
    {
        (int channels, int height, int width) = ((int)input.shape[1], (int)input.shape[2], (int)input.shape[3]);
        return Run(input, weight, DepthwiseShape.Convolution(channels, (int)weight.shape[2], dilation, stride, height, width))[0];
    }

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        (var input, var weight, var shape) = ((Tensor)arguments[0]!, (Tensor)arguments[1]!, (DepthwiseShape)arguments[2]!);
        kept?.Keep(shape, input, weight);
        return [Correlate(shape, input, DepthwiseKernels.Repeat(shape, weight, turned: false))];
    }

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        var shape = (DepthwiseShape)kept.Plan!;
        (Tensor input, Tensor weight, Tensor gradient) = (kept.Tensors[0], kept.Tensors[1], ChannelsLast.Of(gradients[0]!));
        Tensor ofWeight = input.dtype == ScalarType.Float32
            ? DepthwiseKernels.WeightGradient<Float32Element>(shape, input, gradient)
            : DepthwiseKernels.WeightGradient<BFloat16Element>(shape, input, gradient);
        DepthwiseShape turned = shape.InputGradient;
        return [Correlate(turned, gradient, DepthwiseKernels.Repeat(turned, weight, turned: true)), ofWeight];
    }

    /// <inheritdoc/>
    public override void NoteBackward(OperationProfile profile, long started, IEnumerable<Tensor> tensors) =>
        profile.AddBackward(Name, started);

    private static Tensor Correlate(DepthwiseShape shape, Tensor input, float[] weights) => input.dtype == ScalarType.Float32
        ? DepthwiseKernels.Correlate<Float32Element>(shape, input, weights)
        : DepthwiseKernels.Correlate<BFloat16Element>(shape, input, weights);
}
