using System.Runtime.CompilerServices;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>
/// The innermost product where registers are few: two vectors of outputs of six pixels. Eight values are read for twelve multiply-adds,
/// where a <see cref="Tile"/> of one vector reads thirteen; the processor reads no more than it multiplies.
/// </summary>
internal static unsafe class DoubleTile
{
    /// <summary>Pixels side by side.</summary>
    public const int GroupPixels = 2;

    /// <summary>Groups of a tile.</summary>
    public const int Groups = 3;

    /// <summary>Computes tiles of three groups of two pixels; parameters as of <see cref="Tile.Run"/>, vectors in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TVector>(
        in Tile.Extent window, float* input, int* windows, nint nextWindow, float* weights, float* start, float* output, int* places,
        nint nextResult, int tiles)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        nint length = window.Length, skip = window.Row;
        TVector initial = start == null ? default : T.Load(start), initialHigh = start == null ? default : T.Load(start + T.Lanes);
        for (int tile = tiles; tile > 0; tile--, windows += Groups, places += Groups)
        {
            float* p0 = input + windows[0], p1 = input + windows[1], p2 = input + windows[2], weight = weights;
            TVector a0 = initial, a1 = initial, b0 = initial, b1 = initial, c0 = initial, c1 = initial;
            TVector a0High = initialHigh;
            TVector a1High = initialHigh;
            TVector b0High = initialHigh;
            TVector b1High = initialHigh;
            TVector c0High = initialHigh;
            TVector c1High = initialHigh;
            for (nint row = window.Rows; row > 0; row--)
            {
                for (nint i = 0; i < length; i++)
                {
                    TVector low = T.Load(weight), high = T.Load(weight + T.Lanes), value = T.Fill(p0[i]);
                    weight += 2 * T.Lanes;
                    (a0, a0High) = (T.MultiplyAdd(value, low, a0), T.MultiplyAdd(value, high, a0High));
                    value = T.Fill(p0[i + nextWindow]);
                    (a1, a1High) = (T.MultiplyAdd(value, low, a1), T.MultiplyAdd(value, high, a1High));
                    value = T.Fill(p1[i]);
                    (b0, b0High) = (T.MultiplyAdd(value, low, b0), T.MultiplyAdd(value, high, b0High));
                    value = T.Fill(p1[i + nextWindow]);
                    (b1, b1High) = (T.MultiplyAdd(value, low, b1), T.MultiplyAdd(value, high, b1High));
                    value = T.Fill(p2[i]);
                    (c0, c0High) = (T.MultiplyAdd(value, low, c0), T.MultiplyAdd(value, high, c0High));
                    value = T.Fill(p2[i + nextWindow]);
                    (c1, c1High) = (T.MultiplyAdd(value, low, c1), T.MultiplyAdd(value, high, c1High));
                }
                p0 += skip;
                p1 += skip;
                p2 += skip;
            }
            Store<T, TVector>(output + places[0], a0, a0High);
            Store<T, TVector>(output + places[0] + nextResult, a1, a1High);
            Store<T, TVector>(output + places[1], b0, b0High);
            Store<T, TVector>(output + places[1] + nextResult, b1, b1High);
            Store<T, TVector>(output + places[2], c0, c0High);
            Store<T, TVector>(output + places[2] + nextResult, c1, c1High);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<T, TVector>(float* to, TVector low, TVector high)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        T.Store(low, to);
        T.Store(high, to + T.Lanes);
    }
}
