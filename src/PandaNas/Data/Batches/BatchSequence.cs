using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Data.Batches;

/// <summary>A feed that makes each batch when it is asked for: for images whose pixels are at hand.</summary>
internal sealed class BatchSequence(IBatchMaker maker, BatchBounds bounds, RandomStream? random, torch.Device device) : IBatchFeed
{
    private int _next;

    public Batch Next()
    {
        if (_next >= bounds.Count) throw new InvalidOperationException("all batches have been taken");
        ReadOnlySpan<int> examples = bounds[_next++].Span;
        return random is null ? maker.MakePlain(examples, device) : maker.Make(examples, random, device);
    }

    public void Dispose()
    {
        // Nothing is held between batches.
    }
}
