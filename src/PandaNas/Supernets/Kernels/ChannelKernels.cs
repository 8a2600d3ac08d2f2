using System.Runtime.Intrinsics;
using PandaNas.Runtime;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// Arithmetic by channel on channels-last memory: rows of C floats, one a pixel. The memory is seen as periods of max(C, 16)
/// floats, so that every vector of a period always holds the same channels. Works for C that divides 16 or is a multiple of it.
/// Sums are taken per thread in a fixed partition and merged in order: the same bits for the same number of threads.
/// </summary>
internal static unsafe class ChannelKernels
{
    private const int Lanes = 16;

    // Float lanes are emptied into doubles this often, which keeps sums within rounding of exact at any length.
    private const int FlushEvery = 256;

    // A thread is worth starting for so many floats.
    private const int LeastPart = 1 << 15;

    /// <summary>Whether the kernels handle so many channels.</summary>
    public static bool Handles(long channels) => channels >= 1 && (channels % Lanes == 0 || Lanes % channels == 0);

    /// <summary>Σx and Σx² by channel.</summary>
    public static void Moments(float* x, long rows, int channels, double[] sums, double[] squares) =>
        Sum(rows, channels, sums, squares, new MomentTerms(x));

    /// <summary>Σg and Σg·(x − mean) by channel.</summary>
    public static void GradientMoments(float* gradient, float* x, float[] mean, long rows, int channels, double[] sums, double[] products)
    {
        float[] pattern = Repeat(mean, channels);
        fixed (float* centre = pattern) Sum(rows, channels, sums, products, new GradientTerms(gradient, x, centre));
    }

    /// <summary>y = a·x + d with a and d by channel.</summary>
    public static void Scale(float* x, float* y, float[] a, float[] d, long rows, int channels)
    {
        float[] slopes = Repeat(a, channels), offsets = Repeat(d, channels);
        fixed (float* slope = slopes, offset = offsets) Map(rows, channels, new ScaleMap(x, y, slope, offset));
    }

    /// <summary>y = a·g + b·x + d with a, b and d by channel.</summary>
    public static void Combine(float* gradient, float* x, float* y, float[] a, float[] b, float[] d, long rows, int channels)
    {
        float[] first = Repeat(a, channels), second = Repeat(b, channels), offsets = Repeat(d, channels);
        fixed (float* pa = first, pb = second, pd = offsets) Map(rows, channels, new CombineMap(gradient, x, y, pa, pb, pd));
    }

    /// <summary>Two sums that are taken in one pass.</summary>
    private interface ITerms
    {
        (Vector512<float> First, Vector512<float> Second) At(long index, int lane);

        (float First, float Second) ScalarAt(long index, int lane);
    }

    /// <summary>A result that is written in one pass.</summary>
    private interface IMap
    {
        void Apply(long index, int lane);

        void ApplyScalar(long index, int lane);
    }

    private readonly struct MomentTerms(float* x) : ITerms
    {
        public (Vector512<float> First, Vector512<float> Second) At(long index, int lane)
        {
            Vector512<float> value = Vector512.Load(x + index);
            return (value, value * value);
        }

        public (float First, float Second) ScalarAt(long index, int lane) => (x[index], x[index] * x[index]);
    }

    private readonly struct GradientTerms(float* gradient, float* x, float* centre) : ITerms
    {
        public (Vector512<float> First, Vector512<float> Second) At(long index, int lane)
        {
            Vector512<float> value = Vector512.Load(gradient + index);
            return (value, value * (Vector512.Load(x + index) - Vector512.Load(centre + lane)));
        }

        public (float First, float Second) ScalarAt(long index, int lane) => (gradient[index], gradient[index] * (x[index] - centre[lane]));
    }

    private readonly struct ScaleMap(float* x, float* y, float* slope, float* offset) : IMap
    {
        public void Apply(long index, int lane) =>
            Vector512.Store(Vector512.FusedMultiplyAdd(Vector512.Load(x + index), Vector512.Load(slope + lane), Vector512.Load(offset + lane)), y + index);

        public void ApplyScalar(long index, int lane) => y[index] = MathF.FusedMultiplyAdd(x[index], slope[lane], offset[lane]);
    }

    private readonly struct CombineMap(float* gradient, float* x, float* y, float* a, float* b, float* d) : IMap
    {
        public void Apply(long index, int lane)
        {
            Vector512<float> inner = Vector512.FusedMultiplyAdd(Vector512.Load(x + index), Vector512.Load(b + lane), Vector512.Load(d + lane));
            Vector512.Store(Vector512.FusedMultiplyAdd(Vector512.Load(gradient + index), Vector512.Load(a + lane), inner), y + index);
        }

        public void ApplyScalar(long index, int lane) => y[index] = MathF.FusedMultiplyAdd(gradient[index], a[lane], MathF.FusedMultiplyAdd(x[index], b[lane], d[lane]));
    }

    private static void Sum<TTerms>(long rows, int channels, double[] first, double[] second, TTerms terms)
        where TTerms : struct, ITerms
    {
        int period = Math.Max(channels, Lanes);
        long length = rows * channels, periods = length / period;
        int parts = ParallelRegion.PartsFor(length, LeastPart);
        var partials = new double[parts][];
        ParallelRegion.For(parts, part =>
        {
            var sums = new double[2 * period];
            SumPeriods(periods * part / parts, periods * (part + 1) / parts, period, terms, sums);
            partials[part] = sums;
        });

        Array.Clear(first);
        Array.Clear(second);
        foreach (double[] sums in partials)
            for (int lane = 0; lane < period; lane++)
            {
                first[lane % channels] += sums[lane];
                second[lane % channels] += sums[period + lane];
            }
        for (long index = periods * period; index < length; index++)
        {
            (float one, float other) = terms.ScalarAt(index, (int)(index - periods * period));
            first[index % channels] += one;
            second[index % channels] += other;
        }
    }

    private static void SumPeriods<TTerms>(long from, long to, int period, TTerms terms, double[] sums)
        where TTerms : struct, ITerms
    {
        for (int lane = 0; lane < period; lane += Lanes)
            for (long start = from; start < to; start += FlushEvery)
            {
                Vector512<float> first = default, second = default, first2 = default, second2 = default;
                long end = Math.Min(start + FlushEvery, to), at = start;
                for (; at + 1 < end; at += 2)
                {
                    (Vector512<float> a, Vector512<float> b) = terms.At(at * period + lane, lane);
                    (Vector512<float> c, Vector512<float> d) = terms.At((at + 1) * period + lane, lane);
                    first += a;
                    second += b;
                    first2 += c;
                    second2 += d;
                }
                if (at < end)
                {
                    (Vector512<float> a, Vector512<float> b) = terms.At(at * period + lane, lane);
                    first += a;
                    second += b;
                }
                Flush(first + first2, sums.AsSpan(lane));
                Flush(second + second2, sums.AsSpan(period + lane));
            }
    }

    private static void Flush(Vector512<float> lanes, Span<double> sums)
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(lanes);
        (Vector512.Create<double>(sums) + low).CopyTo(sums);
        (Vector512.Create<double>(sums[8..]) + high).CopyTo(sums[8..]);
    }

    private static void Map<TMap>(long rows, int channels, TMap map)
        where TMap : struct, IMap
    {
        int period = Math.Max(channels, Lanes);
        long length = rows * channels, periods = length / period;
        int parts = ParallelRegion.PartsFor(length, LeastPart);
        ParallelRegion.For(parts, part =>
        {
            long from = periods * part / parts, to = periods * (part + 1) / parts;
            for (long at = from; at < to; at++)
                for (int lane = 0; lane < period; lane += Lanes) map.Apply(at * period + lane, lane);
        });
        for (long index = periods * period; index < length; index++) map.ApplyScalar(index, (int)(index - periods * period));
    }

    // The values by channel, repeated to fill a period.
    private static float[] Repeat(float[] values, int channels)
    {
        if (channels >= Lanes) return values;
        var repeated = new float[Lanes];
        for (int lane = 0; lane < Lanes; lane++) repeated[lane] = values[lane % channels];
        return repeated;
    }
}
