using System.Runtime.CompilerServices;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// The innermost product: one vector of outputs of up to 16 pixels, all kept in registers, so that a vector of weights is read once
/// for 16 multiply-adds whose other factor is a single value of the input.
/// </summary>
internal static unsafe class Tile
{
    /// <summary>Pixels side by side, whose windows are found from that of the first.</summary>
    public const int GroupPixels = 4;

    /// <summary>Groups of a tile, one less where registers are few.</summary>
    public const int MostGroups = 4;

    /// <summary>From a group's first pixel to its other three.</summary>
    public readonly record struct Offsets(nint Second, nint Third, nint Fourth);

    /// <summary>Rows, values a row, and the distance of rows.</summary>
    public readonly record struct Extent(nint Rows, nint Length, nint Row);

    /// <summary>Computes the pixels of four groups of four, of three groups where registers are few.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TVector>(
        in Extent window, float* p0, float* p1, float* p2, float* p3, in Offsets pixels,
        float* weights, float* start, float* y0, float* y1, float* y2, float* y3, in Offsets results)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        nint second = pixels.Second, third = pixels.Third, fourth = pixels.Fourth;
        TVector initial = start == null ? default : T.Load(start);
        TVector a0 = initial, a1 = initial, a2 = initial, a3 = initial, b0 = initial, b1 = initial, b2 = initial, b3 = initial;
        TVector c0 = initial, c1 = initial, c2 = initial, c3 = initial, d0 = initial, d1 = initial, d2 = initial, d3 = initial;
        nint length = window.Length, skip = window.Row;
        for (nint row = window.Rows; row > 0; row--)
        {
            for (nint i = 0; i < length; i++)
            {
                TVector weight = T.Load(weights);
                weights += T.Lanes;
                a0 = T.MultiplyAdd(T.Fill(p0[i]), weight, a0);
                a1 = T.MultiplyAdd(T.Fill(p0[i + second]), weight, a1);
                a2 = T.MultiplyAdd(T.Fill(p0[i + third]), weight, a2);
                a3 = T.MultiplyAdd(T.Fill(p0[i + fourth]), weight, a3);
                b0 = T.MultiplyAdd(T.Fill(p1[i]), weight, b0);
                b1 = T.MultiplyAdd(T.Fill(p1[i + second]), weight, b1);
                b2 = T.MultiplyAdd(T.Fill(p1[i + third]), weight, b2);
                b3 = T.MultiplyAdd(T.Fill(p1[i + fourth]), weight, b3);
                c0 = T.MultiplyAdd(T.Fill(p2[i]), weight, c0);
                c1 = T.MultiplyAdd(T.Fill(p2[i + second]), weight, c1);
                c2 = T.MultiplyAdd(T.Fill(p2[i + third]), weight, c2);
                c3 = T.MultiplyAdd(T.Fill(p2[i + fourth]), weight, c3);
                if (!T.HasManyRegisters) continue;
                d0 = T.MultiplyAdd(T.Fill(p3[i]), weight, d0);
                d1 = T.MultiplyAdd(T.Fill(p3[i + second]), weight, d1);
                d2 = T.MultiplyAdd(T.Fill(p3[i + third]), weight, d2);
                d3 = T.MultiplyAdd(T.Fill(p3[i + fourth]), weight, d3);
            }
            p0 += skip;
            p1 += skip;
            p2 += skip;
            p3 += skip;
        }
        Store<T, TVector>(y0, in results, a0, a1, a2, a3);
        Store<T, TVector>(y1, in results, b0, b1, b2, b3);
        Store<T, TVector>(y2, in results, c0, c1, c2, c3);
        if (T.HasManyRegisters) Store<T, TVector>(y3, in results, d0, d1, d2, d3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T, TVector>(float* y, in Offsets results, TVector first, TVector second, TVector third, TVector fourth)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        T.Store(first, y);
        T.Store(second, y + results.Second);
        T.Store(third, y + results.Third);
        T.Store(fourth, y + results.Fourth);
    }
}
