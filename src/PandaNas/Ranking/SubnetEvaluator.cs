using PandaNas.Data;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Ranking;

/// <summary>Scores architectures by the accuracy that they reach with the weights of a network, without training.</summary>
/// <param name="network">The network; normalises by batch statistics if it is a supernet.</param>
/// <param name="batches">The images to classify, resident where the network lives; disposed with the evaluator.</param>
/// <param name="calibration">Makes the network's running statistics before each architecture; null for networks that need none.</param>
public sealed class SubnetEvaluator(Network network, IReadOnlyList<Batch> batches, StatisticsCalibration? calibration = null) : IDisposable
{
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
        foreach (Batch batch in batches)
        {
            using var step = NewDisposeScope();
            Tensor predicted = network.Forward(batch.Images, architecture, training: false).argmax(1);
            correct.add_(predicted.eq(batch.Labels).sum());
        }
        return correct.cpu().item<long>() / (double)Images;
    }

    /// <summary>Frees the images; the network stays.</summary>
    public void Dispose()
    {
        foreach (Batch batch in batches) batch.Dispose();
    }
}
