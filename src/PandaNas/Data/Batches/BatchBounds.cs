namespace PandaNas.Data.Batches;

/// <summary>Where the batches of an order begin and end.</summary>
/// <param name="order">The examples.</param>
/// <param name="batchSize">Examples a batch, at least 1.</param>
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
