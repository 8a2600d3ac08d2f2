using PandaNas.Data.Batches;

namespace PandaNas.Data.Caching;

/// <summary>
/// Pixels in a part of a file, of which the operating system keeps in memory what is used. They are read and not mapped: a mapped file
/// that another process cuts short would end this one.
/// </summary>
/// <param name="file">The file, which is taken over.</param>
/// <param name="path">What errors call it.</param>
/// <param name="offset">Where the pixels start.</param>
/// <param name="length">How many bytes they have.</param>
internal sealed class FilePixels(FileStream file, string path, long offset, long length) : PixelStore
{
    [ThreadStatic]
    private static byte[]? t_buffer;

    public override long Length => length;

    /// <exception cref="BadDataException">The file was cut short or cannot be read any more.</exception>
    public override ReadOnlySpan<byte> Slice(long start, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(start + count, length);
        if (t_buffer is null || t_buffer.Length < count) t_buffer = GC.AllocateUninitializedArray<byte>(count);
        Span<byte> slice = t_buffer.AsSpan(0, count);
        for (int got = 0, more; got < count; got += more)
        {
            more = Read(slice[got..], offset + start + got);
            if (more == 0) throw Unusable("it was cut short while it was in use");
        }
        return slice;
    }

    protected override void Free() => file.Dispose();

    private int Read(Span<byte> part, long at)
    {
        try
        {
            return RandomAccess.Read(file.SafeFileHandle, part, at);
        }
        catch (IOException error)
        {
            throw Unusable(error.Message.TrimEnd('.'), error);
        }
    }

    private BadDataException Unusable(string problem, Exception? inner = null) =>
        new(
            $"cannot read the image cache '{path}': {problem}. Run again, or resume: it is checked and made anew where it is damaged.",
            inner);
}
