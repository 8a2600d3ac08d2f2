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

    /// <summary>Rows, values per row, and the distance of rows.</summary>
    public readonly record struct Extent(nint Rows, nint Length, nint Row);

    /// <summary>Computes tiles of four groups of four pixels, of three groups where registers are few.</summary>
    /// <param name="window">The extent of a window.</param>
    /// <param name="input">The window of the first pixel.</param>
    /// <param name="windows">Where the groups' windows begin, from there on.</param>
    /// <param name="pixels">From a group's first window to the others.</param>
    /// <param name="weights">For each value of a window a vector.</param>
    /// <param name="start">A vector from which sums start; null for 0.</param>
    /// <param name="output">The first result.</param>
    /// <param name="places">Where the groups' results begin, from there on.</param>
    /// <param name="results">From a group's first result to the others.</param>
    /// <param name="tiles">How many tiles.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run<T, TVector>(
        in Extent window, float* input, int* windows, in Offsets pixels, float* weights, float* start, float* output, int* places,
        in Offsets results, int tiles)
        where T : struct, IVectorOperations<TVector>
        where TVector : struct
    {
        nint second = pixels.Second, third = pixels.Third, fourth = pixels.Fourth;
        nint length = window.Length, skip = window.Row;
        int groups = T.HasManyRegisters ? MostGroups : MostGroups - 1;
        TVector initial = start == null ? default : T.Load(start);
        for (int tile = tiles; tile > 0; tile--, windows += groups, places += groups)
        {
            float* p0 = input + windows[0];
            float* p1 = input + windows[1];
            float* p2 = input + windows[2];
            float* p3 = input + windows[groups - 1];
            float* weight = weights;
            TVector a0 = initial, a1 = initial, a2 = initial, a3 = initial, b0 = initial, b1 = initial, b2 = initial, b3 = initial;
            TVector c0 = initial, c1 = initial, c2 = initial, c3 = initial, d0 = initial, d1 = initial, d2 = initial, d3 = initial;
            for (nint row = window.Rows; row > 0; row--)
            {
                for (nint i = 0; i < length; i++)
                {
                    TVector w = T.Load(weight);
                    weight += T.Lanes;
                    a0 = T.MultiplyAdd(T.Fill(p0[i]), w, a0);
                    a1 = T.MultiplyAdd(T.Fill(p0[i + second]), w, a1);
                    a2 = T.MultiplyAdd(T.Fill(p0[i + third]), w, a2);
                    a3 = T.MultiplyAdd(T.Fill(p0[i + fourth]), w, a3);
                    b0 = T.MultiplyAdd(T.Fill(p1[i]), w, b0);
                    b1 = T.MultiplyAdd(T.Fill(p1[i + second]), w, b1);
                    b2 = T.MultiplyAdd(T.Fill(p1[i + third]), w, b2);
                    b3 = T.MultiplyAdd(T.Fill(p1[i + fourth]), w, b3);
                    c0 = T.MultiplyAdd(T.Fill(p2[i]), w, c0);
                    c1 = T.MultiplyAdd(T.Fill(p2[i + second]), w, c1);
                    c2 = T.MultiplyAdd(T.Fill(p2[i + third]), w, c2);
                    c3 = T.MultiplyAdd(T.Fill(p2[i + fourth]), w, c3);
                    if (!T.HasManyRegisters) continue;
                    d0 = T.MultiplyAdd(T.Fill(p3[i]), w, d0);
                    d1 = T.MultiplyAdd(T.Fill(p3[i + second]), w, d1);
                    d2 = T.MultiplyAdd(T.Fill(p3[i + third]), w, d2);
                    d3 = T.MultiplyAdd(T.Fill(p3[i + fourth]), w, d3);
                }
                p0 += skip;
                p1 += skip;
                p2 += skip;
                p3 += skip;
            }
            Store<T, TVector>(output + places[0], in results, a0, a1, a2, a3);
            Store<T, TVector>(output + places[1], in results, b0, b1, b2, b3);
            Store<T, TVector>(output + places[2], in results, c0, c1, c2, c3);
            if (T.HasManyRegisters) Store<T, TVector>(output + places[3], in results, d0, d1, d2, d3);
        }
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
