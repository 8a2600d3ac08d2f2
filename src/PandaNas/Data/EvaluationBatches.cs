using TorchSharp;

namespace PandaNas.Data;

/// <summary>Batches for evaluation, made once and kept: the same images are seen by every architecture.</summary>
public static class EvaluationBatches
{
    /// <summary>All examples in order, without augmentation, resident on the device; the last batch may be smaller.</summary>
    /// <param name="images">N×C×H×W; may be disposed afterwards.</param>
    /// <param name="statistics">The training part's mean and deviation.</param>
    /// <param name="batchSize">Examples a batch, at least 1.</param>
    /// <param name="device">Where the tensors are to be.</param>
    /// <returns>
    /// ⌈N / batchSize⌉ batches. The caller disposes each; they belong to no dispose scope, because they outlive the step.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="batchSize"/> is below 1.</exception>
    public static IReadOnlyList<Batch> Make(ImageSet images, ChannelStatistics statistics, int batchSize, torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchSize, 1);
        var maker = new BatchMaker(images, statistics, Augmentation.None);
        var batches = new List<Batch>();
        try
        {
            for (int start = 0; start < images.Count; start += Math.Min(batchSize, images.Count - start))
            {
                int[] examples = [.. Enumerable.Range(start, Math.Min(batchSize, images.Count - start))];
                Batch batch = maker.MakePlain(examples, device);
                batch.Images.DetachFromDisposeScope();
                batch.Labels.DetachFromDisposeScope();
                batches.Add(batch);
            }
            return batches;
        }
        catch
        {
            foreach (Batch batch in batches) batch.Dispose();
            throw;
        }
    }
}
