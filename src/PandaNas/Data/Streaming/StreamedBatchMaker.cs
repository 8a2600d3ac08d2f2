using PandaNas.Data.Augmenting;
using PandaNas.Data.Batches;
using PandaNas.Data.Reading;
using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Data.Streaming;

/// <summary>
/// Makes batches of streamed images. A batch takes one number from the run's augmentation stream; from it and the example's place in
/// the batch comes a stream for every image. So the bits do not depend on how many workers there are or in which order they finish.
/// </summary>
internal sealed unsafe class StreamedBatchMaker : IBatchMaker
{
    private readonly StreamedImages _images;
    private readonly Augmentation _augmentation;
    private readonly ImageWriter _writer;

    /// <summary>Prepares batches of images, which must outlive it.</summary>
    /// <exception cref="BadOptionException">The augmentation is out of range, or not one of streamed images.</exception>
    public StreamedBatchMaker(StreamedImages images, ChannelStatistics statistics, Augmentation augmentation)
    {
        images.CheckStatistics(statistics);
        augmentation.RequireNoPadding();
        _images = images;
        _augmentation = augmentation;
        _writer = new ImageWriter(images.Shape, statistics, augmentation);
    }

    /// <summary>Bytes of an image in a batch.</summary>
    public long BytesPerImage => _images.Shape.Bytes * (long)sizeof(float);

    /// <inheritdoc/>
    public Batch Make(ReadOnlySpan<int> examples, RandomStream random, torch.Device device)
    {
        _images.CheckBatch(examples);
        using PendingBatch pending = Start(examples.ToArray(), random.NextUInt64(), BatchShare.Whole);
        return pending.Take(device);
    }

    /// <inheritdoc/>
    public Batch MakePlain(ReadOnlySpan<int> examples, torch.Device device)
    {
        using PendingBatch pending = Start(examples.ToArray(), null, BatchShare.Whole);
        return pending.Take(device);
    }

    /// <inheritdoc/>
    public IBatchFeed Feed(
        ReadOnlyMemory<int> order, int batchSize, RandomStream? random, torch.Device device, BatchShare? share = null) =>
        new StreamedBatchFeed(this, new BatchBounds(order, batchSize), random, device, share ?? BatchShare.Whole);

    /// <summary>Starts the decoding of a batch.</summary>
    /// <param name="examples">Its examples.</param>
    /// <param name="key">From which the images' streams are derived; null for a batch without random changes.</param>
    /// <param name="share">Which part of it is made.</param>
    public PendingBatch Start(ReadOnlyMemory<int> examples, ulong? key, BatchShare share)
    {
        _images.CheckBatch(examples.Span);
        (int start, int count) = share.Of(examples.Length);
        return new PendingBatch(
            _images.Workers, _images.Shape, _images.LabelsOf(examples.Span.Slice(start, count)),
            (place, workspace, target) => Write(examples.Span[start + place], StreamOf(key, start + place), workspace, target));
    }

    private static RandomStream? StreamOf(ulong? key, int place) =>
        key is { } number ? RandomStream.Derive(unchecked((long)number), FormattableString.Invariant($"image {place}")) : null;

    private void Write(int example, RandomStream? random, ImageWorkspace workspace, float* target)
    {
        if (random is null)
        {
            _writer.Write(_images.Read(example, null, workspace).Planes, AugmentationDraw.Nothing(_augmentation), target);
            return;
        }
        PlanarImage image = _images.Read(
            example, (fitting, stored) => fitting.Random(stored.Width, stored.Height, _augmentation.CropScale, random), workspace);
        workspace.Draws.Clear();
        _augmentation.Policy?.Draw(image.Side, random, workspace.Draws);
        _augmentation.ColorJitter.Draw(random, workspace.Draws);
        image.Apply(workspace.Draws);
        _writer.Write(image.Planes, AugmentationDraw.Next(_augmentation, _images.Shape, random), target);
    }
}
