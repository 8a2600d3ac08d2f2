using PandaNas.Data;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Training;

/// <summary>Compares a training step in bfloat16 with the same step in float32.</summary>
public static class PrecisionAgreement
{
    // Rounding to 8 bits turns gradients of deep paths by some degrees; a defect of the processor or of a kernel does far more.
    private const double LeastCosine = 0.9;
    private const double LargestLossDifference = 0.05;

    /// <summary>
    /// Whether losses differ by less than 5% and gradients point the same way (cosine of at least 0.9). The network's gradients are
    /// removed, its weights and statistics stay as they are.
    /// </summary>
    /// <param name="network">The network; its precision is restored.</param>
    /// <param name="batch">Images and labels.</param>
    /// <param name="path">The path to compute.</param>
    public static bool Holds(Network network, Batch batch, Architecture path)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(batch);
        using var scope = NewDisposeScope();
        Precision before = network.Precision;
        Tensor[] statistics = [.. network.Statistics.Select(entry => entry.Tensor.clone())];
        (double expected, Tensor exact) = Gradient(network, batch, path, Precision.Float32);
        (double loss, Tensor rounded) = Gradient(network, batch, path, Precision.BFloat16);
        network.Precision = before;
        using (no_grad())
        {
            for (int i = 0; i < statistics.Length; i++) network.Statistics[i].Tensor.copy_(statistics[i]);
        }
        double cosine = functional.cosine_similarity(exact, rounded, 0).item<float>();
        return Math.Abs(loss - expected) <= LargestLossDifference * Math.Abs(expected) && cosine >= LeastCosine;
    }

    private static (double Loss, Tensor Gradient) Gradient(Network network, Batch batch, Architecture path, Precision precision)
    {
        network.Precision = precision;
        var gradients = new Tensor?[network.Weights.Count];
        Tensor logits = PathGradient.Compute(network, path, batch, null, gradients);
        return (functional.cross_entropy(logits, batch.Labels).item<float>(), cat([.. gradients.OfType<Tensor>().Select(gradient => gradient.flatten())]));
    }
}
