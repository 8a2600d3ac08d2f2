using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// 3×3 average pooling of stride 1 that leaves the padding out of the mean, on channels-last memory. Rows are added first, then
/// columns, so a value is read three times instead of nine; the gradient is the same operation with the counts applied first.
/// </summary>
internal sealed class AveragePool3x3 : FusedFunction<AveragePool3x3>
{
    private const int Lanes = ChannelLayout.Lanes;

    /// <summary>Pools N×C×H×W in channels-last memory.</summary>
    public static Tensor Apply(Tensor input) => Run(input)[0];

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments) => [Pool((Tensor)arguments[0]!, backward: false)];

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients) =>
        [Pool(ChannelsLast.Of(gradients[0]!), backward: true)];

    private static Tensor Pool(Tensor input, bool backward) =>
        input.dtype == ScalarType.Float32 ? Pool<Float32Element>(input, backward) : Pool<BFloat16Element>(input, backward);

    private static unsafe Tensor Pool<T>(Tensor input, bool backward)
        where T : struct, IElement
    {
        long[] shape = input.shape;
        (int images, int channels, int height, int width) = ((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
        Tensor output = ChannelsLast.Empty(shape, T.Type);
        byte* x = (byte*)ChannelsLast.Pointer(input), y = (byte*)ChannelsLast.Pointer(output);
        long image = (long)height * width * channels;
        int parts = Math.Min(ParallelRegion.PartsFor(images * image, ChannelLayout.LeastPart), images);
        ParallelRegion.For(parts, part =>
        {
            // A row of column sums with a pixel of zeros at either end, so that the edges need no case of their own.
            float[] sums = new float[(width + 2) * channels];
            fixed (float* padded = sums)
                for (int i = (int)((long)images * part / parts); i < (int)((long)images * (part + 1) / parts); i++)
                    PoolImage<T>(x + i * image * T.Size, y + i * image * T.Size, padded, channels, height, width, backward);
        });
        return output;
    }

    private static unsafe void PoolImage<T>(void* x, void* y, float* padded, int channels, int height, int width, bool backward)
        where T : struct, IElement
    {
        int row = width * channels;
        float* sums = padded + channels;
        float edge = Inverse(0, width), middle = Inverse(1, Math.Max(width, 3));
        for (int h = 0; h < height; h++)
        {
            // A row that is not there takes part as the middle one with weight 0.
            long above = (long)Math.Max(h - 1, 0) * row, here = (long)h * row, below = (long)Math.Min(h + 1, height - 1) * row;
            float before = backward ? Inverse(h - 1, height) : Inverse(h, height), after = backward ? Inverse(h + 1, height) : before;
            AddRows<T>(x, above, here, below, sums, row, h > 0 ? before : 0, Inverse(h, height), h < height - 1 ? after : 0);
            // The columns' counts come first in the gradient, and last in the mean.
            if (backward)
            {
                ScaleColumns(sums, channels, width, edge, middle);
                AddColumns<T>(sums, y, here, row, channels, 1, 1);
            }
            else
            {
                AddColumns<T>(sums, y, here, row, channels, edge, middle);
            }
        }
    }

    // 1 over the number of rows (columns) that the window at a place has.
    private static float Inverse(int place, int size) => 1f / ((place > 0 ? 1 : 0) + 1 + (place < size - 1 ? 1 : 0));

    private static unsafe void AddRows<T>(void* x, long above, long here, long below, float* sums, int length, float a, float b, float c)
        where T : struct, IElement
    {
        Vector512<float> va = Vector512.Create(a), vb = Vector512.Create(b), vc = Vector512.Create(c);
        int i = 0;
        for (; i <= length - Lanes; i += Lanes)
            Vector512.Store(T.Load(x, above + i) * va + T.Load(x, here + i) * vb + T.Load(x, below + i) * vc, sums + i);
        for (; i < length; i++) sums[i] = T.LoadOne(x, above + i) * a + T.LoadOne(x, here + i) * b + T.LoadOne(x, below + i) * c;
    }

    private static unsafe void AddColumns<T>(float* sums, void* y, long start, int length, int channels, float edge, float middle)
        where T : struct, IElement
    {
        int last = length - channels, i = 0;
        for (; i < Math.Min(channels, length); i++) AddColumn<T>(sums, y, start, channels, i, edge);
        Vector512<float> factor = Vector512.Create(middle);
        for (; i <= last - Lanes; i += Lanes)
            T.Store(
                (Vector512.Load(sums + i - channels) + Vector512.Load(sums + i) + Vector512.Load(sums + i + channels)) * factor, y,
                start + i);
        for (; i < last; i++) AddColumn<T>(sums, y, start, channels, i, middle);
        for (; i < length; i++) AddColumn<T>(sums, y, start, channels, i, edge);
    }

    private static unsafe void AddColumn<T>(float* sums, void* y, long start, int channels, int i, float factor)
        where T : struct, IElement => T.StoreOne((sums[i - channels] + sums[i] + sums[i + channels]) * factor, y, start + i);

    private static unsafe void ScaleColumns(float* values, int channels, int width, float edge, float middle)
    {
        int row = width * channels, last = row - channels, at = 0;
        for (; at < Math.Min(channels, row); at++) values[at] *= edge;
        Vector512<float> factor = Vector512.Create(middle);
        for (; at <= last - Lanes; at += Lanes) Vector512.Store(Vector512.Load(values + at) * factor, values + at);
        for (; at < last; at++) values[at] *= middle;
        for (; at < row; at++) values[at] *= edge;
    }
}
