using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// The sweeps over memory that a node of a network takes: the sums of batch normalisation, the weighted sum of the inputs with its
/// activation, and the same backwards. Each reads and writes every value once, block by block through the first-level cache, in a
/// fixed partition by thread: the same bits for the same number of threads.
/// </summary>
internal static unsafe class NodeKernels
{
    private const int Lanes = ChannelLayout.Lanes;

    /// <summary>Σx and Σx² per channel.</summary>
    public static (double[] Sums, double[] Squares) Moments<T>(nint x, ChannelLayout layout)
        where T : struct, IElement
    {
        int parts = layout.Parts;
        ChannelSums[] sums = NewSums(parts, layout), squares = NewSums(parts, layout);
        ParallelRegion.For(parts, part =>
        {
            foreach ((long start, int length) in layout.BlocksOf(part, parts))
                BlockMoments<T>((void*)x, start, length, layout.Period, sums[part], squares[part]);
        });
        double[] first = ChannelSums.ByChannel(sums, layout.Channels), second = ChannelSums.ByChannel(squares, layout.Channels);
        for (long index = layout.Whole; index < layout.Length; index++)
        {
            double value = T.LoadOne((void*)x, index);
            first[index % layout.Channels] += value;
            second[index % layout.Channels] += value * value;
        }
        return (first, second);
    }

    /// <summary>s = Σ over the terms of slope·x + offset, and min(max(s, 0), ceiling); either result may be left out.</summary>
    /// <param name="terms">Where each term's values lie.</param>
    /// <param name="slopes">A period of slopes for each term, null for 1.</param>
    /// <param name="offsets">A period of offsets for each term that has slopes.</param>
    /// <param name="raw">Receives s, or 0.</param>
    /// <param name="activated">Receives the activation, or 0.</param>
    /// <param name="ceiling">Upper bound of the activation: 6 for ReLU6, infinity for ReLU.</param>
    /// <param name="layout">Of every tensor.</param>
    public static void Sum<T>(
        nint[] terms, float[]?[] slopes, float[]?[] offsets, nint raw, nint activated, float ceiling, ChannelLayout layout)
        where T : struct, IElement
    {
        int parts = layout.Parts;
        ParallelRegion.For(parts, part =>
        {
            float* sum = stackalloc float[layout.Block];
            int last = terms.Length - 1;
            foreach ((long start, int length) in layout.BlocksOf(part, parts))
            {
                for (int term = 0; term < last; term++)
                    if (slopes[term] is { } slope)
                        fixed (float* a = slope, d = offsets[term])
                            AddScaled<T>((void*)terms[term], start, length, layout.Period, a, d, sum, term == 0);
                    else
                        AddPlain<T>((void*)terms[term], start, length, sum, term == 0);
                var results = new Results((void*)raw, (void*)activated, ceiling);
                if (slopes[last] is { } lastSlope)
                    fixed (float* a = lastSlope, d = offsets[last])
                        StoreScaled<T>((void*)terms[last], start, length, layout.Period, a, d, last == 0 ? null : sum, results);
                else
                    StorePlain<T>((void*)terms[last], start, length, last == 0 ? null : sum, results);
            }
        });
        for (long index = layout.Whole; index < layout.Length; index++)
        {
            int lane = (int)(index - layout.Whole);
            float sum = 0;
            for (int term = 0; term < terms.Length; term++)
            {
                float value = T.LoadOne((void*)terms[term], index);
                sum += slopes[term] is { } slope ? value * slope[lane] + offsets[term]![lane] : value;
            }
            if (raw != 0) T.StoreOne(sum, (void*)raw, index);
            if (activated != 0) T.StoreOne(MathF.Min(MathF.Max(sum, 0), ceiling), (void*)activated, index);
        }
    }

    /// <summary>
    /// The gradient at a node's sum, g = gRaw + gActivated where the activation is between its bounds; with Σg per channel, and for
    /// each normalised term Σg·(x − centre).
    /// </summary>
    /// <param name="gradients">Of the two results of <see cref="Sum"/>, 0 where there is none.</param>
    /// <param name="activated">The activation, if it has a gradient.</param>
    /// <param name="ceiling">Its upper bound.</param>
    /// <param name="total">Receives g, or 0.</param>
    /// <param name="terms">Where the normalised terms' values lie.</param>
    /// <param name="centres">A period of means for each of them.</param>
    /// <param name="layout">Of every tensor.</param>
    public static (double[] Sums, double[][] Products) Gather<T>(
        (nint Raw, nint Activated) gradients, nint activated, float ceiling, nint total, nint[] terms, float[][] centres,
        ChannelLayout layout)
        where T : struct, IElement
    {
        int parts = layout.Parts;
        ChannelSums[] sums = NewSums(parts, layout);
        ChannelSums[][] products = [.. terms.Select(_ => NewSums(parts, layout))];
        ParallelRegion.For(parts, part =>
        {
            float* gradient = stackalloc float[layout.Block];
            var sources = new Gradients((void*)gradients.Raw, (void*)gradients.Activated, (void*)activated, ceiling);
            foreach ((long start, int length) in layout.BlocksOf(part, parts))
            {
                if (terms.Length == 0)
                {
                    BlockGradient<T>(sources, start, length, (void*)total);
                    continue;
                }
                float* kept = terms.Length > 1 ? gradient : null;
                fixed (float* centre = centres[0])
                    BlockGradientProducts<T>(
                        sources, start, length, layout.Period, (void*)total, kept, (void*)terms[0], centre, sums[part], products[0][part]);
                for (int term = 1; term < terms.Length; term++)
                    fixed (float* centre = centres[term])
                        BlockProducts<T>(gradient, (void*)terms[term], start, length, layout.Period, centre, products[term][part]);
            }
        });
        double[] first = ChannelSums.ByChannel(sums, layout.Channels);
        double[][] second = [.. products.Select(term => ChannelSums.ByChannel(term, layout.Channels))];
        for (long index = layout.Whole; index < layout.Length; index++)
        {
            float gradient = gradients.Raw == 0 ? 0 : T.LoadOne((void*)gradients.Raw, index);
            if (gradients.Activated != 0 && T.LoadOne((void*)activated, index) is > 0 and var value && value < ceiling)
                gradient += T.LoadOne((void*)gradients.Activated, index);
            if (total != 0) T.StoreOne(gradient, (void*)total, index);
            int channel = (int)(index % layout.Channels);
            first[channel] += gradient;
            for (int term = 0; term < terms.Length; term++)
                second[term][channel] += gradient * (T.LoadOne((void*)terms[term], index) - centres[term][channel]);
        }
        return (first, second);
    }

    /// <summary>For each term, result = a·g + b·x + d with a, b and d per channel.</summary>
    public static void Spread<T>(nint gradient, nint[] terms, nint[] results, float[][] a, float[][] b, float[][] d, ChannelLayout layout)
        where T : struct, IElement
    {
        int parts = layout.Parts;
        ParallelRegion.For(parts, part =>
        {
            foreach ((long start, int length) in layout.BlocksOf(part, parts))
                for (int term = 0; term < terms.Length; term++)
                {
                    void* x = (void*)terms[term], result = (void*)results[term];
                    fixed (float* slope = a[term], curve = b[term], offset = d[term])
                        Combine<T>((void*)gradient, x, result, start, length, layout.Period, slope, curve, offset);
                }
        });
        for (long index = layout.Whole; index < layout.Length; index++)
        {
            int lane = (int)(index - layout.Whole);
            for (int term = 0; term < terms.Length; term++)
            {
                float value = a[term][lane] * T.LoadOne((void*)gradient, index)
                    + b[term][lane] * T.LoadOne((void*)terms[term], index) + d[term][lane];
                T.StoreOne(value, (void*)results[term], index);
            }
        }
    }

    private static ChannelSums[] NewSums(int parts, ChannelLayout layout) =>
        [.. Enumerable.Range(0, parts).Select(_ => new ChannelSums(layout.Period))];

    private static void BlockMoments<T>(void* x, long start, int length, int period, ChannelSums sums, ChannelSums squares)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> s0 = default, s1 = default, q0 = default, q1 = default;
            for (int at = lane; at < length; at += period)
            {
                Vector512<float> a = T.Load(x, start + at), b = T.Load(x, start + at + Lanes);
                s0 += a;
                s1 += b;
                q0 = Vector512.FusedMultiplyAdd(a, a, q0);
                q1 = Vector512.FusedMultiplyAdd(b, b, q1);
            }
            sums.Add(lane, s0, s1);
            squares.Add(lane, q0, q1);
        }
    }

    // Two vectors at a time: sums, products and centres of both widths then stay in registers.
    private static void BlockGradientProducts<T>(
        Gradients sources, long start, int length, int period, void* total, float* kept, void* x, float* centre, ChannelSums sums,
        ChannelSums products)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> c0 = Vector512.Load(centre + lane), c1 = Vector512.Load(centre + lane + Lanes);
            Vector512<float> s0 = default, s1 = default, p0 = default, p1 = default;
            for (int at = lane; at < length; at += period)
            {
                Vector512<float> g0 = sources.At<T>(start + at), g1 = sources.At<T>(start + at + Lanes);
                if (total != null)
                {
                    T.Store(g0, total, start + at);
                    T.Store(g1, total, start + at + Lanes);
                }
                if (kept != null)
                {
                    Vector512.Store(g0, kept + at);
                    Vector512.Store(g1, kept + at + Lanes);
                }
                s0 += g0;
                s1 += g1;
                p0 = Vector512.FusedMultiplyAdd(g0, T.Load(x, start + at) - c0, p0);
                p1 = Vector512.FusedMultiplyAdd(g1, T.Load(x, start + at + Lanes) - c1, p1);
            }
            sums.Add(lane, s0, s1);
            products.Add(lane, p0, p1);
        }
    }

    private static void BlockGradient<T>(Gradients sources, long start, int length, void* total)
        where T : struct, IElement
    {
        if (total == null) return;
        for (int at = 0; at < length; at += Lanes) T.Store(sources.At<T>(start + at), total, start + at);
    }

    private static void BlockProducts<T>(float* gradient, void* x, long start, int length, int period, float* centre, ChannelSums products)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> c0 = Vector512.Load(centre + lane), c1 = Vector512.Load(centre + lane + Lanes);
            Vector512<float> p0 = default, p1 = default;
            for (int at = lane; at < length; at += period)
            {
                p0 = Vector512.FusedMultiplyAdd(Vector512.Load(gradient + at), T.Load(x, start + at) - c0, p0);
                p1 = Vector512.FusedMultiplyAdd(Vector512.Load(gradient + at + Lanes), T.Load(x, start + at + Lanes) - c1, p1);
            }
            products.Add(lane, p0, p1);
        }
    }

    private static void AddScaled<T>(void* x, long start, int length, int period, float* a, float* d, float* sum, bool first)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> a0 = Vector512.Load(a + lane), a1 = Vector512.Load(a + lane + Lanes);
            Vector512<float> d0 = Vector512.Load(d + lane), d1 = Vector512.Load(d + lane + Lanes);
            if (first)
                for (int at = lane; at < length; at += period)
                {
                    Vector512.Store(Vector512.FusedMultiplyAdd(T.Load(x, start + at), a0, d0), sum + at);
                    Vector512.Store(Vector512.FusedMultiplyAdd(T.Load(x, start + at + Lanes), a1, d1), sum + at + Lanes);
                }
            else
                for (int at = lane; at < length; at += period)
                {
                    Vector512<float> s0 = d0 + Vector512.Load(sum + at), s1 = d1 + Vector512.Load(sum + at + Lanes);
                    Vector512.Store(Vector512.FusedMultiplyAdd(T.Load(x, start + at), a0, s0), sum + at);
                    Vector512.Store(Vector512.FusedMultiplyAdd(T.Load(x, start + at + Lanes), a1, s1), sum + at + Lanes);
                }
        }
    }

    private static void AddPlain<T>(void* x, long start, int length, float* sum, bool first)
        where T : struct, IElement
    {
        if (first)
            for (int at = 0; at < length; at += Lanes) Vector512.Store(T.Load(x, start + at), sum + at);
        else
            for (int at = 0; at < length; at += Lanes) Vector512.Store(Vector512.Load(sum + at) + T.Load(x, start + at), sum + at);
    }

    // The last term of a sum; sum holds those before, null if there are none.
    private static void StoreScaled<T>(void* x, long start, int length, int period, float* a, float* d, float* sum, Results results)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> a0 = Vector512.Load(a + lane), a1 = Vector512.Load(a + lane + Lanes);
            Vector512<float> d0 = Vector512.Load(d + lane), d1 = Vector512.Load(d + lane + Lanes);
            if (sum == null)
                for (int at = lane; at < length; at += period)
                {
                    results.Store<T>(Vector512.FusedMultiplyAdd(T.Load(x, start + at), a0, d0), start + at);
                    results.Store<T>(Vector512.FusedMultiplyAdd(T.Load(x, start + at + Lanes), a1, d1), start + at + Lanes);
                }
            else
                for (int at = lane; at < length; at += period)
                {
                    Vector512<float> s0 = d0 + Vector512.Load(sum + at), s1 = d1 + Vector512.Load(sum + at + Lanes);
                    results.Store<T>(Vector512.FusedMultiplyAdd(T.Load(x, start + at), a0, s0), start + at);
                    results.Store<T>(Vector512.FusedMultiplyAdd(T.Load(x, start + at + Lanes), a1, s1), start + at + Lanes);
                }
        }
    }

    private static void StorePlain<T>(void* x, long start, int length, float* sum, Results results)
        where T : struct, IElement
    {
        if (sum == null)
            for (int at = 0; at < length; at += Lanes) results.Store<T>(T.Load(x, start + at), start + at);
        else
            for (int at = 0; at < length; at += Lanes) results.Store<T>(Vector512.Load(sum + at) + T.Load(x, start + at), start + at);
    }

    private static void Combine<T>(void* gradient, void* x, void* result, long start, int length, int period, float* a, float* b, float* d)
        where T : struct, IElement
    {
        for (int lane = 0; lane < period; lane += 2 * Lanes)
        {
            Vector512<float> a0 = Vector512.Load(a + lane), a1 = Vector512.Load(a + lane + Lanes);
            Vector512<float> b0 = Vector512.Load(b + lane), b1 = Vector512.Load(b + lane + Lanes);
            Vector512<float> d0 = Vector512.Load(d + lane), d1 = Vector512.Load(d + lane + Lanes);
            for (int at = lane; at < length; at += period)
            {
                Vector512<float> r0 = Vector512.FusedMultiplyAdd(T.Load(x, start + at), b0, d0);
                Vector512<float> r1 = Vector512.FusedMultiplyAdd(T.Load(x, start + at + Lanes), b1, d1);
                T.Store(Vector512.FusedMultiplyAdd(T.Load(gradient, start + at), a0, r0), result, start + at);
                T.Store(Vector512.FusedMultiplyAdd(T.Load(gradient, start + at + Lanes), a1, r1), result, start + at + Lanes);
            }
        }
    }

    /// <summary>Where a sum and its activation go, null where they are not wanted.</summary>
    private readonly struct Results(void* raw, void* activated, float ceiling)
    {
        private readonly void* _raw = raw, _activated = activated;
        private readonly float _ceiling = ceiling;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Store<T>(Vector512<float> sum, long index)
            where T : struct, IElement
        {
            if (_raw != null) T.Store(sum, _raw, index);
            if (_activated == null) return;
            Vector512<float> positive = Vector512.MaxNative(Vector512<float>.Zero, sum);
            T.Store(Vector512.MinNative(Vector512.Create(_ceiling), positive), _activated, index);
        }
    }

    /// <summary>Where the gradients of a sum and of its activation come from, null where there are none.</summary>
    private readonly struct Gradients(void* raw, void* activated, void* activation, float ceiling)
    {
        private readonly void* _raw = raw, _activated = activated, _activation = activation;
        private readonly float _ceiling = ceiling;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector512<float> At<T>(long index)
            where T : struct, IElement
        {
            if (_activated == null) return T.Load(_raw, index);
            Vector512<float> value = T.Load(_activation, index);
            Vector512<float> within = Vector512.GreaterThan(value, Vector512<float>.Zero)
                & Vector512.LessThan(value, Vector512.Create(_ceiling));
            Vector512<float> gradient = T.Load(_activated, index) & within;
            return _raw == null ? gradient : gradient + T.Load(_raw, index);
        }
    }
}
