using System.Runtime.CompilerServices;

namespace PandaNas.Data.Resizing;

/// <summary>
/// Area averaging of planes from H×W to S×S in whole numbers, so that the result is exact on every machine. Along an axis, source
/// pixel y covers [y·S, (y+1)·S) and target pixel i covers [i·H, (i+1)·H): the overlaps are whole and sum to H for each target pixel.
/// </summary>
internal sealed class AreaDownscale(int height, int width, int size)
{
    /// <summary>Scales every plane of one image.</summary>
    /// <param name="source">C×H×W bytes.</param>
    /// <param name="target">C×S×S bytes.</param>
    public void Apply(ReadOnlySpan<byte> source, Span<byte> target)
    {
        uint[] columns = new uint[width];
        int planes = source.Length / (height * width);
        for (int plane = 0; plane < planes; plane++)
        {
            ReadOnlySpan<byte> from = source.Slice(plane * height * width, height * width);
            Span<byte> to = target.Slice(plane * size * size, size * size);
            for (int i = 0; i < size; i++)
            {
                SumRows(from, i, columns);
                AverageColumns(columns, to.Slice(i * size, size));
            }
        }
    }

    // Weighted sums down each column over the rows that target row i covers; at most 255·H, which fits. Both are optimized from the first
    // call on: as compiled at first they took most of the time in which a cached folder of 50,000 pictures is opened.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void SumRows(ReadOnlySpan<byte> from, int i, Span<uint> columns)
    {
        columns.Clear();
        int start = i * height, end = start + height;
        for (int y = start / size; y * size < end; y++)
        {
            uint weight = (uint)(Math.Min(end, (y + 1) * size) - Math.Max(start, y * size));
            ReadOnlySpan<byte> row = from.Slice(y * width, width);
            for (int x = 0; x < row.Length; x++) columns[x] += weight * row[x];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AverageColumns(ReadOnlySpan<uint> columns, Span<byte> to)
    {
        ulong area = (ulong)height * (ulong)width;
        for (int j = 0; j < to.Length; j++)
        {
            ulong sum = 0;
            int start = j * width, end = start + width;
            for (int x = start / size; x * size < end; x++)
                sum += columns[x] * (ulong)(Math.Min(end, (x + 1) * size) - Math.Max(start, x * size));
            to[j] = (byte)((2 * sum + area) / (2 * area));
        }
    }
}
