using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using PandaNas.Data.Batches;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Streaming;

/// <summary>
/// Labelled images that stay in their files until a batch wants them, so a folder may be larger than memory. Training crops are of
/// random area and ratio; plain batches show the middle, as usual on ImageNet, or the whole picture (<see cref="ImageFit"/>).
/// </summary>
internal sealed class StreamedImages : LabelledImages
{
    // Enough for three digits of mean and deviation.
    private const int MostMeasured = 1000;

    private readonly StreamedFolder _folder;
    private readonly int[] _files;
    private int _disposed;

    /// <summary>Takes a share of a folder: image i is the folder's file files[i], at side×side pixels.</summary>
    internal StreamedImages(StreamedFolder folder, int[] files, int[] labels, int side, ImmutableArray<string> classNames)
        : base(labels, new ImageShape(3, side, side), classNames)
    {
        _folder = folder;
        _files = files;
        folder.Hold();
    }

    /// <inheritdoc/>
    internal override int UsualCropPadding => 0;

    /// <summary>Decode the files.</summary>
    internal DecodeWorkers Workers => _folder.Workers;

    /// <inheritdoc/>
    internal override StreamedImages Select(ReadOnlySpan<int> examples)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        int[] files = new int[examples.Length], labels = new int[examples.Length];
        for (int i = 0; i < examples.Length; i++)
        {
            CheckExample(examples[i], nameof(examples));
            files[i] = _files[examples[i]];
            labels[i] = Labels[examples[i]];
        }
        return new StreamedImages(_folder, files, labels, Height, ClassNames);
    }

    /// <summary>Of the middle of at most 1,000 images, evenly spaced over the set.</summary>
    /// <inheritdoc/>
    internal override ChannelStatistics MeasureStatistics(CancellationToken cancel)
    {
        ObjectDisposedException.ThrowIf(_disposed != 0, this);
        if (Count == 0) throw new InvalidOperationException("the statistics of no images are not defined");
        int measured = Math.Min(Count, MostMeasured);
        long[] total = new long[3 * 256];
        DecodeJob job = Workers.Start(measured, (item, workspace) =>
        {
            int example = (int)((long)item * Count / measured);
            Span<long> counts = stackalloc long[3 * 256];
            counts.Clear();
            ChannelStatistics.Count(Read(example, null, workspace).Planes, Height * Width, counts);
            // Whole numbers, so the order does not matter.
            lock (total)
                for (int k = 0; k < total.Length; k++) total[k] += counts[k];
        });
        using (cancel.Register(job.Cancel)) job.Finish();
        return ChannelStatistics.FromHistogram(total, 3);
    }

    /// <inheritdoc/>
    internal override IBatchMaker Batches(ChannelStatistics statistics, Augmentation augmentation) =>
        new StreamedBatchMaker(this, statistics, augmentation);

    /// <summary>Reads a part of an example's file; on a worker's thread.</summary>
    /// <param name="example">The example.</param>
    /// <param name="draw">Chooses the part at random; null for the part that is evaluated.</param>
    /// <param name="workspace">The worker's.</param>
    internal Augmenting.PlanarImage Read(int example, Func<Fitting, ImageShape, CropBox>? draw, ImageWorkspace workspace)
    {
        ImageShape stored = _folder[_files[example]].Shape;
        Fitting fitting = _folder.Fitting;
        CropBox box = draw is null ? fitting.Plain(stored.Width, stored.Height) : draw(fitting, stored);
        return workspace.Read(_folder.PathOf(_files[example]), stored, fitting, box, Height);
    }

    /// <inheritdoc/>
    internal override void AppendContent(IncrementalHash hash, int example)
    {
        Span<byte> digest = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(digest, _folder[_files[example]].ContentDigest);
        hash.AppendData(digest);
    }

    /// <summary>Gives this set's share of the folder back; calling it again does nothing.</summary>
    public override void Dispose()
    {
        if (Interlocked.Exchange(ref _disposed, 1) == 0) _folder.Release();
    }
}
