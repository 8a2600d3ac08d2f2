using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>Makes batches of labelled images: by hand, or one after the other of a known order, which can be prepared ahead.</summary>
internal interface IBatchMaker
{
    /// <summary>Makes one augmented batch.</summary>
    /// <param name="examples">n indices, at least 1; an index may stand more than once.</param>
    /// <param name="random">Where the augmentation's random numbers come from.</param>
    /// <param name="device">Where the tensors are to be.</param>
    /// <returns>n×C×H×W float32 in channels-last memory and n int64 labels. The caller disposes it.</returns>
    /// <exception cref="ArgumentException">There are no examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index is outside the set; nothing was drawn then.</exception>
    /// <exception cref="BadDataException">An image can no longer be read.</exception>
    Batch Make(ReadOnlySpan<int> examples, RandomStream random, torch.Device device);

    /// <summary>Makes one batch without random changes, otherwise as <see cref="Make"/> does.</summary>
    Batch MakePlain(ReadOnlySpan<int> examples, torch.Device device);

    /// <summary>Makes batch after batch of an order.</summary>
    /// <param name="order">The examples.</param>
    /// <param name="batchSize">Examples per batch, at least 1; the last batch may be smaller.</param>
    /// <param name="random">
    /// The run's augmentation stream, which every batch advances as <see cref="Make"/> would, and only when it is taken; null makes
    /// batches without random changes.
    /// </param>
    /// <param name="device">Where the tensors are to be.</param>
    /// <param name="share">Which part of every batch is made; null is all of it.</param>
    /// <returns>The batches; disposed before the images are.</returns>
    IBatchFeed Feed(ReadOnlyMemory<int> order, int batchSize, RandomStream? random, torch.Device device, BatchShare? share = null);
}

/// <summary>The batches of an order, one after the other. Used by one thread.</summary>
internal interface IBatchFeed : IDisposable
{
    /// <summary>The next batch, which the caller disposes.</summary>
    /// <exception cref="InvalidOperationException">All have been taken.</exception>
    /// <exception cref="BadDataException">An image can no longer be read.</exception>
    Batch Next();
}
