using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>
/// Batches for evaluation, all examples in order and without augmentation: the same images are seen by every architecture. The first
/// ones are made once and stay on the device; what would take too much memory is made again every time.
/// </summary>
internal sealed class EvaluationBatches : IDisposable
{
    /// <summary>Bytes of images that stay on the device, unless it is said: 512 MiB.</summary>
    public const long UsualKeptBytes = 1L << 29;

    private readonly IBatchMaker _maker;
    private readonly int[] _examples;
    private readonly int _batchSize;
    private readonly torch.Device _device;
    private readonly List<Batch> _kept = [];

    private EvaluationBatches(LabelledImages images, ChannelStatistics statistics, int batchSize, torch.Device device)
    {
        _maker = images.Batches(statistics, Augmentation.None);
        _examples = [.. Enumerable.Range(0, images.Count)];
        _batchSize = batchSize;
        _device = device;
        LargestPlaneBytes = Math.Min(batchSize, images.Count) * (long)images.Shape.Height * images.Shape.Width * sizeof(float);
    }

    /// <summary>How many images there are in all.</summary>
    public int Images => _examples.Length;

    /// <summary>How many batches there are; the last one may be smaller.</summary>
    public int Count => new BatchBounds(_examples, _batchSize).Count;

    /// <summary>How many of the first batches stay on the device.</summary>
    public int Kept => _kept.Count;

    /// <summary>Bytes of the images that stay.</summary>
    public long KeptBytes => _kept.Sum(batch => batch.Images.numel() * batch.Images.element_size());

    /// <summary>Bytes of one channel of the largest batch, as float32.</summary>
    public long LargestPlaneBytes { get; }

    /// <summary>Where the batches are.</summary>
    public torch.Device Device => _device;

    /// <summary>Prepares batches.</summary>
    /// <param name="images">N×C×H×W; must outlive the batches unless all of them are kept.</param>
    /// <param name="statistics">The training part's mean and deviation.</param>
    /// <param name="batchSize">Examples per batch, at least 1.</param>
    /// <param name="device">Where the tensors are to be.</param>
    /// <param name="mostKeptBytes">How many bytes of images may stay on the device, at least 0.</param>
    /// <returns>The batches; kept ones belong to no dispose scope, because they outlive the step.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    /// <exception cref="BadDataException">An image can no longer be read.</exception>
    public static EvaluationBatches Make(
        LabelledImages images, ChannelStatistics statistics, int batchSize, torch.Device device, long mostKeptBytes = UsualKeptBytes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var batches = new EvaluationBatches(images, statistics, batchSize, device);
        try
        {
            long bytesPerImage = images.Shape.Bytes * (long)sizeof(float);
            batches.Keep((int)Math.Min(images.Count, mostKeptBytes / bytesPerImage));
            return batches;
        }
        catch
        {
            batches.Dispose();
            throw;
        }
    }

    /// <summary>All batches in order. They stay this object's: those that are not kept are gone when the next one is asked for.</summary>
    public IEnumerable<Batch> All()
    {
        foreach (Batch batch in _kept) yield return batch;
        if (_kept.Count == Count) yield break;
        using IBatchFeed feed = Feed(from: _kept.Count);
        for (int number = _kept.Count; number < Count; number++)
        {
            using Batch batch = feed.Next();
            yield return batch;
        }
    }

    /// <summary>Frees the batches that are kept.</summary>
    public void Dispose()
    {
        foreach (Batch batch in _kept) batch.Dispose();
        _kept.Clear();
    }

    private IBatchFeed Feed(int from) => _maker.Feed(_examples.AsMemory(from * _batchSize), _batchSize, null, _device);

    private void Keep(int mostImages)
    {
        if (Count == 0) return;
        using IBatchFeed feed = Feed(from: 0);
        for (long images = _batchSize; _kept.Count < Count && Math.Min(images, Images) <= mostImages; images += _batchSize)
        {
            Batch batch = feed.Next();
            batch.Images.DetachFromDisposeScope();
            batch.Labels.DetachFromDisposeScope();
            _kept.Add(batch);
        }
    }
}
