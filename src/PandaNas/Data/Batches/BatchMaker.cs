using System.Runtime.InteropServices;
using PandaNas.Data.Resizing;
using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>
/// Makes training batches: padding, crop and flip of the bytes, then normalisation by channel, then cutout, each example with draws
/// of its own. Runs on the calling thread; the images must outlive it.
/// </summary>
internal sealed class BatchMaker : IBatchMaker
{
    private readonly ImageSet _images;
    private readonly Augmentation _augmentation;
    private readonly ImageWriter _writer;

    /// <summary>Prepares batches of a set.</summary>
    /// <param name="images">The images; not disposed by this object.</param>
    /// <param name="statistics">The training part's mean and deviation, C of each.</param>
    /// <param name="augmentation">What is changed at random.</param>
    /// <exception cref="ArgumentException">The statistics have another number of channels.</exception>
    /// <exception cref="BadOptionException">The augmentation is out of range.</exception>
    public BatchMaker(ImageSet images, ChannelStatistics statistics, Augmentation augmentation)
    {
        images.CheckStatistics(statistics);
        augmentation.RequirePlainColours();
        _images = images;
        _augmentation = augmentation;
        _writer = new ImageWriter(images.Shape, statistics, augmentation);
    }

    /// <summary>
    /// Makes one augmented batch. From <paramref name="random"/> come, example by example in the given order and only for what is
    /// switched on: the crop's top, then left offset (0 to 2·padding; equal to the padding means unmoved), the flip, the cutout's
    /// centre row, then column.
    /// </summary>
    /// <param name="examples">n indices, at least 1; an index may stand more than once.</param>
    /// <param name="random">The run's augmentation stream.</param>
    /// <param name="device">Where the tensors are to be.</param>
    /// <returns>n×C×H×W float32 in channels-last memory and n int64 labels. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the set; nothing was drawn then.</exception>
    public Batch Make(ReadOnlySpan<int> examples, RandomStream random, torch.Device device) =>
        Fill(examples, random, device, BatchShare.Whole);

    /// <inheritdoc/>
    public Batch MakePlain(ReadOnlySpan<int> examples, torch.Device device) => Fill(examples, null, device, BatchShare.Whole);

    /// <inheritdoc/>
    public IBatchFeed Feed(
        ReadOnlyMemory<int> order, int batchSize, RandomStream? random, torch.Device device, BatchShare? share = null) => new BatchSequence(
            new BatchBounds(order, batchSize), examples => Fill(examples.Span, random, device, share ?? BatchShare.Whole));

    private Batch Fill(ReadOnlySpan<int> examples, RandomStream? random, torch.Device device, BatchShare share)
    {
        _images.CheckBatch(examples);
        (int start, int count) = share.Of(examples.Length);
        using torch.Tensor pixels = FillImages(examples, start, count, random);
        using torch.Tensor channelsLast = pixels.permute(0, 3, 1, 2);
        return new Batch(channelsLast.to(device), torch.tensor(_images.LabelsOf(examples.Slice(start, count)), device: device));
    }

    // n×H×W×C: seen as n×C×H×W this is channels-last memory, which TorchSharp offers no argument for.
    private unsafe torch.Tensor FillImages(ReadOnlySpan<int> examples, int start, int count, RandomStream? random)
    {
        ImageShape shape = _images.Shape;
        torch.Tensor pixels = torch.empty([count, shape.Height, shape.Width, shape.Channels], torch.float32);
        try
        {
            fixed (byte* first = &MemoryMarshal.GetReference(pixels.bytes))
            {
                float* target = (float*)first;
                for (int i = 0; i < examples.Length; i++)
                {
                    AugmentationDraw draw = random is null
                        ? AugmentationDraw.Nothing(_augmentation)
                        : AugmentationDraw.Next(_augmentation, shape, random);
                    if (i < start || i >= start + count) continue;
                    _writer.Write(_images.Pixels(examples[i]), draw, target);
                    target += shape.Bytes;
                }
            }
            return pixels;
        }
        catch
        {
            pixels.Dispose();
            throw;
        }
    }
}
