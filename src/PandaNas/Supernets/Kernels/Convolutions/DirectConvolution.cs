using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// A convolution with odd kernel, padded by half of it, in float32 on the CPU: computed from the windows where they lie, at nearly
/// the processor's peak for the few channels that supernets have, where torch's gets a third to a half of it.
/// </summary>
internal sealed class DirectConvolution : FusedFunction<DirectConvolution>
{
    private const int Lanes = 8;

    // Distances within an image are 32-bit numbers.
    private const long MostValues = 1 << 28;

    // Weights of 64 to 64 channels, 3×3. The vectors of more do not stay in the cache, where torch is faster.
    private const long MostWeights = 64 * 64 * 9;

    private sealed record Plan(ConvolutionGeometry Shape, bool InputGradient, bool WeightGradient, bool BiasGradient);

    /// <inheritdoc/>
    public override string Name => OperationProfile.Convolution;

    /// <inheritdoc/>
    public override bool IsNoted => false;

    /// <summary>Whether it can compute a convolution, with the gradients that will be asked for.</summary>
    /// <param name="input">N×C×H×W.</param>
    /// <param name="weights">The shape of its weights: outputs × C × kernel × kernel.</param>
    public static bool CanCompute(Tensor input, long[] weights)
    {
        if (input.device_type != TorchSharp.DeviceType.CPU || input.dtype != ScalarType.Float32 || input.numel() == 0) return false;
        long[] images = input.shape;
        (long outputs, long inputs, long kernel) = (weights[0], weights[1], weights[2]);
        return inputs == images[1] && kernel == weights[3] && kernel % 2 != 0
            && outputs % Lanes == 0 && (inputs % Lanes == 0 || (kernel > 1 && !Tape.NeedsGradient(input)))
            && (images[2] + kernel) * (images[3] + kernel) * Math.Max(inputs, outputs) <= MostValues && Numbers(weights) <= MostValues;
    }

    /// <summary>Whether it can, and faster than torch's.</summary>
    public static bool IsFaster(Tensor input, long[] weights) =>
        (Vector512.IsHardwareAccelerated || Fma.IsSupported) && Numbers(weights) <= MostWeights && CanCompute(input, weights);

    /// <summary>Computes it.</summary>
    /// <param name="input">N×C×H×W; copied if it is not in channels-last memory.</param>
    /// <param name="weight">Outputs × C × kernel × kernel.</param>
    /// <param name="bias">A value for each output, or null.</param>
    /// <param name="stride">Between the windows of neighbouring results.</param>
    /// <returns>N × outputs × ⌈H/stride⌉ × ⌈W/stride⌉ in channels-last memory.</returns>
    public static Tensor Apply(Tensor input, Tensor weight, Tensor? bias, int stride)
    {
        long[] images = input.shape, weights = weight.shape;
        var shape = new ConvolutionGeometry(
            (int)images[0], (int)images[2], (int)images[3], (int)images[1], (int)weights[0], (int)weights[2], stride);
        bool ofBias = bias is not null && Tape.NeedsGradient(bias);
        return Run(input, weight, bias, new Plan(shape, Tape.NeedsGradient(input), Tape.NeedsGradient(weight), ofBias))[0];
    }

    /// <inheritdoc/>
    public override unsafe List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        var plan = (Plan)arguments[^1]!;
        Tensor input = ChannelsLast.Of((Tensor)arguments[0]!), weight = ((Tensor)arguments[1]!).contiguous();
        Tensor? bias = ((Tensor?)arguments[2])?.contiguous();
        ConvolutionGeometry shape = plan.Shape;
        Tensor output = ChannelsLast.Empty([shape.Images, shape.Outputs, shape.ResultHeight, shape.ResultWidth], ScalarType.Float32);
        float* x = ChannelsLast.Floats(input), w = Floats(weight), b = bias is null ? null : Floats(bias), y = ChannelsLast.Floats(output);
        if (IsWide(shape.Outputs)) ConvolutionProducts<Vector512Operations, Vector512<float>>.Forward(shape, x, w, b, y);
        else ConvolutionProducts<Vector256Operations, Vector256<float>>.Forward(shape, x, w, b, y);
        kept?.Keep(plan, input, weight);
        return [output];
    }

    /// <inheritdoc/>
    public override unsafe List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        var plan = (Plan)kept.Plan!;
        (Tensor input, Tensor weight, Tensor gradient) = (kept.Tensors[0], kept.Tensors[1], ChannelsLast.Of(gradients[0]!));
        return
        [
            plan.InputGradient ? InputGradient(plan.Shape, weight, gradient) : null,
            plan.WeightGradient ? WeightGradient(plan.Shape, input, weight, gradient) : null,
            plan.BiasGradient ? gradient.sum([0, 2, 3]) : null,
        ];
    }

    /// <inheritdoc/>
    public override void NoteBackward(OperationProfile profile, long started, IEnumerable<Tensor> tensors) =>
        profile.AddBackward(Name, started);

    private static unsafe Tensor InputGradient(ConvolutionGeometry shape, Tensor weight, Tensor gradient)
    {
        Tensor result = ChannelsLast.Empty([shape.Images, shape.Inputs, shape.Height, shape.Width], ScalarType.Float32);
        float* w = Floats(weight), g = ChannelsLast.Floats(gradient), x = ChannelsLast.Floats(result);
        if (IsWide(shape.Inputs)) ConvolutionProducts<Vector512Operations, Vector512<float>>.InputGradients(shape, w, g, x);
        else ConvolutionProducts<Vector256Operations, Vector256<float>>.InputGradients(shape, w, g, x);
        return result;
    }

    private static unsafe Tensor WeightGradient(ConvolutionGeometry shape, Tensor input, Tensor weight, Tensor gradient)
    {
        Tensor result = empty_like(weight);
        float* x = ChannelsLast.Floats(input), g = ChannelsLast.Floats(gradient), w = Floats(result);
        if (IsWide(shape.Outputs)) ConvolutionProducts<Vector512Operations, Vector512<float>>.WeightGradients(shape, x, g, w);
        else ConvolutionProducts<Vector256Operations, Vector256<float>>.WeightGradients(shape, x, g, w);
        return result;
    }

    private static long Numbers(long[] shape) => shape[0] * shape[1] * shape[2] * shape[3];

    private static bool IsWide(int channels) => Vector512.IsHardwareAccelerated && channels % Vector512<float>.Count == 0;

    private static unsafe float* Floats(Tensor tensor)
    {
        fixed (byte* start = &MemoryMarshal.GetReference(tensor.bytes)) return (float*)start;
    }
}
