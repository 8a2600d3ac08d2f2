using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>The mean of every channel of every image, N×C×H×W in channels-last memory to N×C in float32.</summary>
internal sealed class GlobalMean : FusedFunction<GlobalMean>
{
    private const int Lanes = ChannelLayout.Lanes;

    /// <summary>Takes the means.</summary>
    public static Tensor Apply(Tensor input) => Run(input)[0];

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        var input = (Tensor)arguments[0]!;
        kept?.Keep((input.shape, input.dtype));
        return [input.dtype == ScalarType.Float32 ? Mean<Float32Element>(input) : Mean<BFloat16Element>(input)];
    }

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        (long[] shape, ScalarType type) = ((long[], ScalarType))kept.Plan!;
        Tensor gradient = gradients[0]!.contiguous();
        return [type == ScalarType.Float32 ? Spread<Float32Element>(gradient, shape) : Spread<BFloat16Element>(gradient, shape)];
    }

    private static unsafe Tensor Mean<T>(Tensor input)
        where T : struct, IElement
    {
        long[] shape = input.shape;
        (int images, int channels, int pixels) = ((int)shape[0], (int)shape[1], (int)(shape[2] * shape[3]));
        Tensor output = empty([images, channels], dtype: ScalarType.Float32);
        void* x = ChannelsLast.Pointer(input);
        float* y = (float*)FlatPointer(output);
        int parts = Math.Min(ParallelRegion.PartsFor((long)images * channels * pixels, ChannelLayout.LeastPart), images);
        ParallelRegion.For(parts, part =>
        {
            for (int i = (int)((long)images * part / parts); i < (int)((long)images * (part + 1) / parts); i++)
            {
                long image = (long)i * pixels * channels;
                int c = 0;
                for (; c <= channels - Lanes; c += Lanes)
                {
                    Vector512<float> sum = default;
                    for (int p = 0; p < pixels; p++) sum += T.Load(x, image + (long)p * channels + c);
                    Vector512.Store(sum / pixels, y + (long)i * channels + c);
                }
                for (; c < channels; c++)
                {
                    float sum = 0;
                    for (int p = 0; p < pixels; p++) sum += T.LoadOne(x, image + (long)p * channels + c);
                    y[(long)i * channels + c] = sum / pixels;
                }
            }
        });
        return output;
    }

    private static unsafe Tensor Spread<T>(Tensor gradient, long[] shape)
        where T : struct, IElement
    {
        (int images, int channels, int pixels) = ((int)shape[0], (int)shape[1], (int)(shape[2] * shape[3]));
        Tensor result = ChannelsLast.Empty(shape, T.Type);
        void* x = ChannelsLast.Pointer(result);
        float* y = (float*)FlatPointer(gradient);
        int parts = Math.Min(ParallelRegion.PartsFor((long)images * channels * pixels, ChannelLayout.LeastPart), images);
        ParallelRegion.For(parts, part =>
        {
            for (int i = (int)((long)images * part / parts); i < (int)((long)images * (part + 1) / parts); i++)
                for (int p = 0; p < pixels; p++)
                {
                    long to = ((long)i * pixels + p) * channels;
                    int c = 0;
                    for (; c <= channels - Lanes; c += Lanes) T.Store(Vector512.Load(y + (long)i * channels + c) / pixels, x, to + c);
                    for (; c < channels; c++) T.StoreOne(y[(long)i * channels + c] / pixels, x, to + c);
                }
        });
        return result;
    }

    private static unsafe void* FlatPointer(Tensor tensor)
    {
        fixed (byte* start = &System.Runtime.InteropServices.MemoryMarshal.GetReference(tensor.bytes)) return start;
    }
}
