using System.IO.MemoryMappedFiles;

namespace PandaNas.Data;

/// <summary>Pixels in a part of a file that is mapped, not read: the operating system keeps in memory what is used.</summary>
internal sealed unsafe class MappedPixels : PixelStore
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    /// <summary>Maps <paramref name="length"/> bytes from <paramref name="offset"/> on and takes over the stream.</summary>
    public MappedPixels(FileStream file, long offset, long length)
    {
        Length = length;
        _file = MemoryMappedFile.CreateFromFile(file, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        try
        {
            _view = _file.CreateViewAccessor(offset, length, MemoryMappedFileAccess.Read);
        }
        catch
        {
            _file.Dispose();
            throw;
        }
        byte* page = null;
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref page);
        // A view starts on a page of the operating system; the bytes asked for start a little later.
        _start = page + _view.PointerOffset;
    }

    public override long Length { get; }

    public override ReadOnlySpan<byte> Slice(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset + length, Length);
        return new ReadOnlySpan<byte>(_start + offset, length);
    }

    protected override void Free()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
