using PandaNas.Data;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Training;

/// <summary>The gradient of one path on one mini-batch.</summary>
internal static class PathGradient
{
    /// <summary>Runs a path forward and back.</summary>
    /// <param name="network">The network; its weights have no gradients before and after.</param>
    /// <param name="path">The path.</param>
    /// <param name="batch">n images and labels.</param>
    /// <param name="lossWeights">n factors for the examples' losses, whose mean is taken; null for the plain mean.</param>
    /// <param name="gradients">Receives the gradient of each weight, null where the path has none. The caller disposes them.</param>
    /// <returns>The logits, n×classes, detached.</returns>
    public static Tensor Compute(Network network, Architecture path, Batch batch, float[]? lossWeights, Tensor?[] gradients)
    {
        Tensor logits = Logits(network, path, batch.Images);
        Loss(logits, batch.Labels, lossWeights).backward();
        for (int i = 0; i < gradients.Length; i++)
        {
            Weight weight = network.Weights[i];
            if (!Network.Uses(path, weight) || weight.Tensor.grad is not { } gradient) continue;
            gradients[i] = gradient;
            // Removed, not zeroed: a weight outside the next path must have no gradient at all, or momentum and decay would move it.
            weight.Tensor.grad = null;
        }
        return logits.detach();
    }

    // A scope of its own: what the layers made is then kept by the graph alone, which frees it while it goes back.
    private static Tensor Logits(Network network, Architecture path, Tensor images)
    {
        using var scope = NewDisposeScope();
        return network.Forward(images, path, training: true).MoveToOuterDisposeScope();
    }

    private static Tensor Loss(Tensor logits, Tensor labels, float[]? weights)
    {
        if (weights is null) return functional.cross_entropy(logits, labels);
        Tensor losses = functional.cross_entropy(logits, labels, reduction: Reduction.None);
        return losses.mul(tensor(weights, device: logits.device)).mean();
    }
}
