namespace PandaNas.Data.Batches;

/// <summary>
/// The bytes behind one or more <see cref="ImageSet"/>s. Holders are counted, so a view stays valid when the set it was selected
/// from is disposed first; the bytes go with the last holder.
/// </summary>
internal abstract class PixelStore
{
    private int _holders;

    /// <summary>The length in bytes.</summary>
    public abstract long Length { get; }

    /// <summary>
    /// Bytes <paramref name="offset"/> to <paramref name="offset"/> + <paramref name="length"/>; they stay until this thread asks a store
    /// again.
    /// </summary>
    public abstract ReadOnlySpan<byte> Slice(long offset, int length);

    /// <summary>Adds a holder.</summary>
    public void Hold() => Interlocked.Increment(ref _holders);

    /// <summary>Removes a holder; the last one frees the bytes.</summary>
    public void Release()
    {
        if (Interlocked.Decrement(ref _holders) == 0) Free();
    }

    /// <summary>Frees the bytes; called once.</summary>
    protected abstract void Free();
}

/// <summary>Pixels in an array of this process.</summary>
internal sealed class ArrayPixels(byte[] bytes) : PixelStore
{
    public override long Length => bytes.Length;

    public override ReadOnlySpan<byte> Slice(long offset, int length) => bytes.AsSpan(checked((int)offset), length);

    protected override void Free()
    {
        // The garbage collector takes the array.
    }
}
