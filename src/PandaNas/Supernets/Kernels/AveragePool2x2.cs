using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// 2×2 average pooling of stride 2 on channels-last memory. Odd sizes are rounded up, and the last row or column then is the mean
/// of what there is.
/// </summary>
internal sealed class AveragePool2x2 : FusedFunction<AveragePool2x2>
{
    private const int Lanes = ChannelLayout.Lanes;

    /// <summary>Pools N×C×H×W in channels-last memory to N×C×⌈H/2⌉×⌈W/2⌉.</summary>
    public static Tensor Apply(Tensor input) => Run(input)[0];

    /// <inheritdoc/>
    public override List<Tensor> Forward(Kept? kept, object?[] arguments)
    {
        var input = (Tensor)arguments[0]!;
        long[] shape = input.shape;
        kept?.Keep(shape);
        Tensor output = ChannelsLast.Empty([shape[0], shape[1], (shape[2] + 1) / 2, (shape[3] + 1) / 2], input.dtype);
        Pool(input, output, shape, backward: false);
        return [output];
    }

    /// <inheritdoc/>
    public override List<Tensor?> Backward(Kept kept, Tensor?[] gradients)
    {
        long[] shape = (long[])kept.Plan!;
        Tensor gradient = ChannelsLast.Of(gradients[0]!), result = ChannelsLast.Empty(shape, gradient.dtype);
        Pool(result, gradient, shape, backward: true);
        return [result];
    }

    private static void Pool(Tensor large, Tensor small, long[] shape, bool backward)
    {
        if (large.dtype == ScalarType.Float32) Pool<Float32Element>(large, small, shape, backward);
        else Pool<BFloat16Element>(large, small, shape, backward);
    }

    private static unsafe void Pool<T>(Tensor large, Tensor small, long[] shape, bool backward)
        where T : struct, IElement
    {
        (int images, int channels, int height, int width) = ((int)shape[0], (int)shape[1], (int)shape[2], (int)shape[3]);
        int rows = (height + 1) / 2, row = width * channels, smallRow = (width + 1) / 2 * channels;
        void* x = ChannelsLast.Pointer(large), y = ChannelsLast.Pointer(small);
        long count = (long)images * rows;
        int parts = (int)Math.Min(ParallelRegion.PartsFor((long)images * height * row, ChannelLayout.LeastPart), count);
        ParallelRegion.For(parts, part =>
        {
            float[] buffer = new float[row];
            fixed (float* sums = buffer)
                for (long at = count * part / parts; at < count * (part + 1) / parts; at++)
                {
                    long image = at / rows, h = 2 * (at % rows);
                    long above = (image * height + h) * row, below = h + 1 < height ? above + row : -1;
                    if (backward) SpreadRow<T>(y, at * smallRow, sums, x, above, below, row, channels);
                    else MeanRow<T>(x, above, below, sums, y, at * smallRow, row, channels);
                }
        });
    }

    private static unsafe void MeanRow<T>(void* x, long above, long below, float* sums, void* y, long to, int row, int channels)
        where T : struct, IElement
    {
        float factor = below < 0 ? 1f : 0.5f;
        int i = 0;
        for (; i <= row - Lanes; i += Lanes)
        {
            Vector512<float> sum = T.Load(x, above + i);
            if (below >= 0) sum += T.Load(x, below + i);
            Vector512.Store(sum * factor, sums + i);
        }
        for (; i < row; i++) sums[i] = (T.LoadOne(x, above + i) + (below < 0 ? 0 : T.LoadOne(x, below + i))) * factor;
        for (int left = 0; left < row; left += 2 * channels, to += channels)
        {
            bool pair = left + channels < row;
            int c = 0;
            for (; c <= channels - Lanes; c += Lanes)
            {
                Vector512<float> sum = Vector512.Load(sums + left + c);
                T.Store(pair ? (sum + Vector512.Load(sums + left + channels + c)) * 0.5f : sum, y, to + c);
            }
            for (; c < channels; c++) T.StoreOne(pair ? (sums[left + c] + sums[left + channels + c]) * 0.5f : sums[left + c], y, to + c);
        }
    }

    private static unsafe void SpreadRow<T>(void* y, long from, float* sums, void* x, long above, long below, int row, int channels)
        where T : struct, IElement
    {
        float factor = below < 0 ? 1f : 0.5f;
        for (int left = 0; left < row; left += 2 * channels, from += channels)
        {
            bool pair = left + channels < row;
            for (int c = 0; c < channels; c++)
            {
                float share = T.LoadOne(y, from + c) * (pair ? 0.5f : 1f) * factor;
                sums[left + c] = share;
                if (pair) sums[left + channels + c] = share;
            }
        }
        int i = 0;
        for (; i <= row - Lanes; i += Lanes)
        {
            Vector512<float> values = Vector512.Load(sums + i);
            T.Store(values, x, above + i);
            if (below >= 0) T.Store(values, x, below + i);
        }
        for (; i < row; i++)
        {
            T.StoreOne(sums[i], x, above + i);
            if (below >= 0) T.StoreOne(sums[i], x, below + i);
        }
    }
}
