using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Reading;

/// <summary>
/// Scales a part of an image to a square, first along rows, then along columns, rounding to bytes after each, as Pillow's
/// <c>resize(size, BILINEAR, box)</c> and bit for bit the same on every machine. One per thread: the buffers are kept.
/// </summary>
internal sealed unsafe class Resampler
{
    private const int Half = 1 << (ResampleAxis.FractionBits - 1);
    private readonly ResampleAxis _columns = new(), _rows = new();
    private byte[] _narrowed = [];

    /// <summary>Scales.</summary>
    /// <param name="source">The image.</param>
    /// <param name="box">The part, in pixels of <paramref name="source"/>.</param>
    /// <param name="planes">Receives 3×S×S bytes.</param>
    /// <param name="side">S.</param>
    public void Apply(DecodedPixels source, CropBox box, Span<byte> planes, int side)
    {
        _columns.Prepare(source.Width, box.Left, box.Width, side);
        _rows.Prepare(source.Height, box.Top, box.Height, side);
        int firstRow = _rows.Firsts[0], rows = _rows.Firsts[side - 1] + _rows.Counts[side - 1] - firstRow;
        int needed = rows * side * 4;
        if (_narrowed.Length < needed) _narrowed = new byte[needed];
        fixed (byte* from = source.Rgba, between = _narrowed, to = planes)
        {
            for (int y = 0; y < rows; y++) NarrowRow(from + (long)(firstRow + y) * source.Width * 4, (uint*)between + y * side, side);
            for (int y = 0; y < side; y++) MixRows(between + (_rows.Firsts[y] - firstRow) * side * 4, y, to + y * side, side);
        }
    }

    // All four bytes of a pixel at once. Optimized from the first call on, since small folders are done before the second one would be.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void NarrowRow(byte* row, uint* to, int side)
    {
        fixed (int* firsts = _columns.Firsts, counts = _columns.Counts, weights = _columns.Weights)
        {
            int stride = _columns.Stride;
            for (int x = 0; x < side; x++)
            {
                uint* pixel = (uint*)row + firsts[x];
                int* weight = weights + x * stride;
                Vector128<int> sum = Vector128.Create(Half);
                for (int k = 0; k < counts[x]; k++) sum += Widen(pixel[k]) * Vector128.Create(weight[k]);
                to[x] = Pack(sum);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void MixRows(byte* first, int y, byte* to, int side)
    {
        int area = side * side;
        fixed (int* weights = _rows.Weights.Slice(y * _rows.Stride, _rows.Counts[y]))
        {
            int count = _rows.Counts[y];
            for (int x = 0; x < side; x++)
            {
                uint* pixel = (uint*)first + x;
                Vector128<int> sum = Vector128.Create(Half);
                for (int k = 0; k < count; k++) sum += Widen(pixel[k * side]) * Vector128.Create(weights[k]);
                uint mixed = Pack(sum);
                to[x] = (byte)mixed;
                to[x + area] = (byte)(mixed >> 8);
                to[x + 2 * area] = (byte)(mixed >> 16);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Pack(Vector128<int> sum)
    {
        Vector128<ushort> shorts = Vector128.Narrow((sum >> ResampleAxis.FractionBits).AsUInt32(), Vector128<uint>.Zero);
        return Vector128.Narrow(shorts, Vector128<ushort>.Zero).AsUInt32().ToScalar();
    }
}
