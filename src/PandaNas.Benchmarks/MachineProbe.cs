using System.Diagnostics;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PandaNas.Runtime.Threads;
using static TorchSharp.torch;
using Unmanaged = System.Runtime.InteropServices.NativeMemory;

namespace PandaNas.Benchmarks;

/// <summary>Measures what the machine can do at most, on torch's threads.</summary>
internal static unsafe class MachineProbe
{
    private const int Repetitions = 5;

    /// <summary>Measures all.</summary>
    public static MachineLimits Measure(int threads) => new(
        Machine.ProcessorName, threads, $"{32 * Lanes} bits",
        Bandwidth(threads) / 1e9, Float32Peak(threads) / 1e9, BFloat16Peak() / 1e9);

    /// <summary>Bytes per second of copying blocks that no cache holds.</summary>
    private static double Bandwidth(int threads)
    {
        const long Bytes = 1L << 28;
        void* from = Unmanaged.AlignedAlloc((nuint)Bytes, 64), to = Unmanaged.AlignedAlloc((nuint)Bytes, 64);
        try
        {
            double seconds = Best(() => ParallelRegion.For(threads, part =>
            {
                float* x = (float*)((byte*)from + Bytes * part / threads), y = (float*)((byte*)to + Bytes * part / threads);
                long length = Bytes / threads / sizeof(float) / 32 * 32;
                for (long i = 0; i < length; i += 32)
                {
                    Vector512.Store(Vector512.Load(x + i), y + i);
                    Vector512.Store(Vector512.Load(x + i + 16), y + i + 16);
                }
            }));
            return 2 * Bytes / seconds;
        }
        finally
        {
            Unmanaged.AlignedFree(from);
            Unmanaged.AlignedFree(to);
        }
    }

    /// <summary>Operations per second of fused multiply-adds that stay in registers.</summary>
    private static double Float32Peak(int threads)
    {
        const int Rounds = 4_000_000;
        float[] sink = new float[threads];
        double seconds = Best(() => ParallelRegion.For(threads, part => sink[part] = MultiplyAdds(Rounds)));
        return (double)Rounds * Chains * 2 * Lanes * threads / seconds;
    }

    private const int Chains = 12;

    private static int Lanes => Vector512.IsHardwareAccelerated ? Vector512<float>.Count : Vector<float>.Count;

    private static float MultiplyAdds(int rounds) => Vector512.IsHardwareAccelerated ? Chain512(rounds) : ChainOfWidest(rounds);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float Chain512(int rounds)
    {
        Vector512<float> m = Vector512.Create(0.999f), c = Vector512.Create(0.001f);
        Vector512<float> a0 = c, a1 = c, a2 = c, a3 = c, a4 = c, a5 = c, a6 = c, a7 = c, a8 = c, a9 = c, a10 = c, a11 = c;
        for (int i = 0; i < rounds; i++)
        {
            (a0, a1) = (Vector512.FusedMultiplyAdd(a0, m, c), Vector512.FusedMultiplyAdd(a1, m, c));
            (a2, a3) = (Vector512.FusedMultiplyAdd(a2, m, c), Vector512.FusedMultiplyAdd(a3, m, c));
            (a4, a5) = (Vector512.FusedMultiplyAdd(a4, m, c), Vector512.FusedMultiplyAdd(a5, m, c));
            (a6, a7) = (Vector512.FusedMultiplyAdd(a6, m, c), Vector512.FusedMultiplyAdd(a7, m, c));
            (a8, a9) = (Vector512.FusedMultiplyAdd(a8, m, c), Vector512.FusedMultiplyAdd(a9, m, c));
            (a10, a11) = (Vector512.FusedMultiplyAdd(a10, m, c), Vector512.FusedMultiplyAdd(a11, m, c));
        }
        return Vector512.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }

    // For processors without: whatever vectors they have.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float ChainOfWidest(int rounds)
    {
        Vector<float> m = new(0.999f), c = new(0.001f);
        Vector<float> a0 = c, a1 = c, a2 = c, a3 = c, a4 = c, a5 = c, a6 = c, a7 = c, a8 = c, a9 = c, a10 = c, a11 = c;
        for (int i = 0; i < rounds; i++)
        {
            (a0, a1) = (Vector.FusedMultiplyAdd(a0, m, c), Vector.FusedMultiplyAdd(a1, m, c));
            (a2, a3) = (Vector.FusedMultiplyAdd(a2, m, c), Vector.FusedMultiplyAdd(a3, m, c));
            (a4, a5) = (Vector.FusedMultiplyAdd(a4, m, c), Vector.FusedMultiplyAdd(a5, m, c));
            (a6, a7) = (Vector.FusedMultiplyAdd(a6, m, c), Vector.FusedMultiplyAdd(a7, m, c));
            (a8, a9) = (Vector.FusedMultiplyAdd(a8, m, c), Vector.FusedMultiplyAdd(a9, m, c));
            (a10, a11) = (Vector.FusedMultiplyAdd(a10, m, c), Vector.FusedMultiplyAdd(a11, m, c));
        }
        return Vector.Sum(a0 + a1 + a2 + a3 + a4 + a5 + a6 + a7 + a8 + a9 + a10 + a11);
    }

    /// <summary>Operations per second of torch's product of large bfloat16 matrices; .NET has no such multiply-add to measure.</summary>
    private static double BFloat16Peak()
    {
        // A processor that emulates bfloat16 takes a minute for matrices that others need to reach their peak.
        long side = Machine.ComputesBFloat16 ? 2048 : 256;
        using var scope = NewDisposeScope();
        Tensor a = randn(side, side).to(ScalarType.BFloat16), b = randn(side, side).to(ScalarType.BFloat16);
        double seconds = Best(() => a.matmul(b).Dispose());
        return 2.0 * side * side * side / seconds;
    }

    private static double Best(Action run)
    {
        run();
        double best = double.PositiveInfinity;
        for (int i = 0; i < Repetitions; i++)
        {
            long started = Stopwatch.GetTimestamp();
            run();
            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalSeconds);
        }
        return best;
    }
}
