namespace PandaNas.Data.Batches;

/// <summary>A feed that makes each batch when it is asked for: for images whose pixels are at hand.</summary>
/// <param name="bounds">The batches.</param>
/// <param name="make">Makes one.</param>
internal sealed class BatchSequence(BatchBounds bounds, Func<ReadOnlyMemory<int>, Batch> make) : IBatchFeed
{
    private int _next;

    public Batch Next()
    {
        if (_next >= bounds.Count) throw new InvalidOperationException("all batches have been taken");
        return make(bounds[_next++]);
    }

    public void Dispose()
    {
        // Nothing is held between batches.
    }
}

/// <summary>Where the batches of an order begin and end.</summary>
/// <param name="order">The examples.</param>
/// <param name="batchSize">Examples per batch, at least 1.</param>
internal readonly struct BatchBounds(ReadOnlyMemory<int> order, int batchSize)
{
    /// <summary>How many batches.</summary>
    public int Count => (int)((order.Length + (long)batchSize - 1) / batchSize);

    /// <summary>The examples of a batch; fewer in the last one.</summary>
    public ReadOnlyMemory<int> this[int batch]
    {
        get
        {
            int start = batch * batchSize;
            return order.Slice(start, Math.Min(batchSize, order.Length - start));
        }
    }
}
