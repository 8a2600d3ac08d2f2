using PandaNas.Data;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Ranking;

/// <summary>
/// Scores architectures by the accuracy that they reach with the weights of a network, without training. What all architectures
/// compute alike of the images is computed once; the network's weights and precision must not change afterwards.
/// </summary>
/// <param name="network">The network; normalises by batch statistics if it is a supernet.</param>
/// <param name="batches">The images to classify, resident where the network lives; disposed with the evaluator.</param>
/// <param name="calibration">Makes the network's running statistics before each architecture; null for networks that need none.</param>
public sealed class SubnetEvaluator(Network network, IReadOnlyList<Batch> batches, StatisticsCalibration? calibration = null) : IDisposable
{
    // More than this is not kept, and computed again for every architecture.
    private const long LargestShare = 1L << 30;

    private readonly IReadOnlyList<Tensor>?[] _shared = new IReadOnlyList<Tensor>?[batches.Count];
    private long _sharedBytes;

    /// <summary>How many images an evaluation classifies.</summary>
    public int Images { get; } = (int)batches.Sum(batch => batch.Labels.shape[0]);

    /// <summary>The share of the images that the architecture classifies correctly, in [0, 1].</summary>
    public double Accuracy(Architecture architecture)
    {
        calibration?.Run(architecture);
        using var inference = inference_mode();
        using var scope = NewDisposeScope();
        // Counted where the network lives; one wait at the end.
        Tensor correct = zeros(1, dtype: ScalarType.Int64, device: batches[0].Labels.device);
        for (int batch = 0; batch < batches.Count; batch++)
        {
            using var step = NewDisposeScope();
            Tensor predicted = network.FromShared(Shared(batch), architecture).argmax(1);
            correct.add_(predicted.eq(batches[batch].Labels).sum());
        }
        return correct.cpu().item<long>() / (double)Images;
    }

    /// <summary>Frees the images and what was computed of them; the network stays.</summary>
    public void Dispose()
    {
        foreach (Tensor tensor in _shared.OfType<IReadOnlyList<Tensor>>().SelectMany(tensors => tensors)) tensor.Dispose();
        foreach (Batch batch in batches) batch.Dispose();
    }

    private IReadOnlyList<Tensor> Shared(int batch)
    {
        if (_shared[batch] is { } known) return known;
        IReadOnlyList<Tensor> shared = network.Share(batches[batch].Images);
        long bytes = shared.Sum(tensor => tensor.numel() * tensor.element_size());
        if (_sharedBytes + bytes > LargestShare) return shared;
        _sharedBytes += bytes;
        // Handles of its own: what is shared may be the images themselves.
        return _shared[batch] = [.. shared.Select(tensor => tensor.alias().DetachFromDisposeScope())];
    }
}
