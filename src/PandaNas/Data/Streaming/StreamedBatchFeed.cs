using PandaNas.Data.Batches;
using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Data.Streaming;

/// <summary>Batches that are decoded a few ahead of the one that is taken; how many is bounded by their bytes.</summary>
internal sealed class StreamedBatchFeed : IBatchFeed
{
    private const int MostAhead = 4;
    private const long MostBytesAhead = 1L << 27;

    private readonly StreamedBatchMaker _maker;
    private readonly BatchBounds _bounds;
    private readonly RandomStream? _random, _ahead;
    private readonly torch.Device _device;
    private readonly BatchShare _share;
    private readonly Queue<PendingBatch> _pending = new();
    private readonly int _most;
    private int _next;

    /// <summary>Starts the first batches.</summary>
    public StreamedBatchFeed(
        StreamedBatchMaker maker, BatchBounds bounds, RandomStream? random, torch.Device device, BatchShare share)
    {
        _maker = maker;
        _share = share;
        _bounds = bounds;
        _random = random;
        // The run's own stream moves when a batch is taken, so that a checkpoint knows nothing of what is decoded ahead.
        _ahead = random is null ? null : RandomStream.Restore(random.State);
        _device = device;
        _most = bounds.Count == 0
            ? 0
            : (int)Math.Clamp(MostBytesAhead / (maker.BytesPerImage * share.MostOf(bounds[0].Length)), 1, MostAhead);
        StartMore();
    }

    /// <summary>Batches that are being decoded or wait to be taken.</summary>
    internal int Ahead => _pending.Count;

    public Batch Next()
    {
        if (_pending.Count == 0) throw new InvalidOperationException("all batches have been taken");
        using PendingBatch batch = _pending.Dequeue();
        StartMore();
        Batch taken = batch.Take(_device);
        _random?.NextUInt64();
        return taken;
    }

    public void Dispose()
    {
        while (_pending.TryDequeue(out PendingBatch? batch)) batch.Dispose();
    }

    private void StartMore()
    {
        for (; _pending.Count < _most && _next < _bounds.Count; _next++)
            _pending.Enqueue(_maker.Start(_bounds[_next], _ahead?.NextUInt64(), _share));
    }
}
