using System.Collections.Immutable;
using System.Security.Cryptography;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Batches;

/// <summary>Labelled images, uint8 N×C×H×W in an array or a file, that never change. Safe to read from several threads.</summary>
/// <remarks>
/// The pixels are shared and counted: disposing a set does not end the views selected from it, and a file is let go with the
/// last of them. Spans must not be used after that.
/// </remarks>
internal sealed class ImageSet : LabelledImages
{
    private readonly PixelStore _store;
    private readonly long _start;
    private readonly int[]? _rows;
    private int _disposed;

    /// <summary>Takes a share of <paramref name="store"/>: image i is the store's row rows[i], or i where rows is null.</summary>
    internal ImageSet(PixelStore store, long start, int[]? rows, int[] labels, ImageShape shape, ImmutableArray<string> classNames)
        : base(labels, shape, classNames)
    {
        _store = store;
        _start = start;
        _rows = rows;
        store.Hold();
    }

    /// <inheritdoc cref="LabelledImages.FromArray"/>
    public static new ImageSet FromArray(
        byte[] pixels, ReadOnlySpan<int> labels, int channels, int height, int width, ImmutableArray<string> classNames)
    {
        ArgumentNullException.ThrowIfNull(pixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        if ((long)labels.Length * channels * height * width != pixels.Length)
            throw new ArgumentException(
                $"{labels.Length} images of {channels}x{height}x{width} do not have {pixels.Length} bytes", nameof(pixels));
        foreach (int label in labels)
            if ((uint)label >= (uint)classNames.Length)
                throw new ArgumentException($"label {label} is not below {classNames.Length} classes", nameof(labels));
        return new ImageSet(new ArrayPixels(pixels), 0, null, labels.ToArray(), new ImageShape(channels, height, width), classNames);
    }

    /// <inheritdoc/>
    internal override int UsualCropPadding => Height / 8;

    /// <summary>The C×H×W bytes of one example, to be used before this thread asks for those of another one.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such example.</exception>
    /// <exception cref="ObjectDisposedException">The set has been disposed.</exception>
    /// <exception cref="BadDataException">They lie in a cache file that was cut short meanwhile.</exception>
    public ReadOnlySpan<byte> Pixels(int example)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        CheckExample(example, nameof(example));
        int row = _rows is null ? example : _rows[example];
        return _store.Slice(_start + (long)row * Shape.Bytes, Shape.Bytes);
    }

    /// <summary>
    /// A view of some examples, in the given order, re-indexed 0 to k - 1; an index may stand more than once. The pixels are shared,
    /// and stay valid until this set and all its views are disposed.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside this set.</exception>
    /// <exception cref="ObjectDisposedException">The set has been disposed.</exception>
    internal override ImageSet Select(ReadOnlySpan<int> examples)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        int[] rows = new int[examples.Length];
        int[] labels = new int[examples.Length];
        for (int i = 0; i < examples.Length; i++)
        {
            int example = examples[i];
            CheckExample(example, nameof(examples));
            rows[i] = _rows is null ? example : _rows[example];
            labels[i] = Labels[example];
        }
        return new ImageSet(_store, _start, rows, labels, Shape, ClassNames);
    }

    /// <summary>
    /// The same examples at <paramref name="size"/>×<paramref name="size"/> pixels, in memory of their own: each new pixel is the mean
    /// of the area it covers, partly covered pixels weighted by the covered part, rounded to nearest (halves up). Images that have the
    /// size already are shared, not copied. Images that are not square are squeezed.
    /// </summary>
    /// <exception cref="BadOptionException">The size is below 1 or above the height or width, or the result would exceed 2 GB.</exception>
    /// <exception cref="ObjectDisposedException">The set has been disposed.</exception>
    public ImageSet Downscale(int size)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (size < 1 || size > Height || size > Width)
            throw new BadOptionException(
                $"cannot scale images of {Shape.SizeText} pixels to {size}x{size}: choose an image size from 1 to "
                + $"{Math.Min(Height, Width)}");
        if (size == Height && size == Width) return new ImageSet(_store, _start, _rows, Labels.ToArray(), Shape, ClassNames);

        var small = new ImageShape(Channels, size, size);
        if ((long)Count * small.Bytes > Array.MaxLength)
            throw new BadOptionException(
                $"{Count} images of {size}x{size} pixels do not fit in memory (2 GB): choose a smaller image size");
        byte[] pixels = GC.AllocateUninitializedArray<byte>(Count * small.Bytes);
        var scale = new AreaDownscale(Height, Width, size);
        Parallel.For(0, Count, i => scale.Apply(Pixels(i), pixels.AsSpan(i * small.Bytes, small.Bytes)));
        return new ImageSet(new ArrayPixels(pixels), 0, null, Labels.ToArray(), small, ClassNames);
    }

    /// <inheritdoc/>
    internal override ChannelStatistics MeasureStatistics(CancellationToken cancel) => ChannelStatistics.Of(this);

    /// <inheritdoc/>
    internal override IBatchMaker Batches(ChannelStatistics statistics, Augmentation augmentation) =>
        new BatchMaker(this, statistics, augmentation);

    /// <inheritdoc/>
    internal override void AppendContent(IncrementalHash hash, int example) => hash.AppendData(Pixels(example));

    /// <summary>Gives this set's share of the pixels back; calling it again does nothing.</summary>
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _store.Release();
    }
}
