using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

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
    /// <param name="loss">The loss; null for the cross-entropy.</param>
    /// <param name="dropPath">What is left out at random; null for nothing.</param>
    /// <param name="ranks">Each has a part of the batch, and batch norms see the whole; null where they see what is here.</param>
    /// <returns>The logits, n×classes, detached.</returns>
    public static Tensor Compute(
        Network network, Architecture path, Batch batch, float[]? lossWeights, Tensor?[] gradients,
        TrainingLoss? loss = null, DropPath? dropPath = null, ICommunicator? ranks = null)
    {
        TrainingOutput output = Forward(network, path, batch.Images, dropPath ?? DropPath.None, ranks);
        RecordedOperations.BackwardFrom((loss ?? TrainingLoss.CrossEntropy).Of(output, batch.Labels, lossWeights));
        for (int i = 0; i < gradients.Length; i++)
        {
            Weight weight = network.Weights[i];
            if (!Network.Uses(path, weight) || weight.Tensor.grad is not { } gradient) continue;
            gradients[i] = gradient;
            // Removed, not zeroed: a weight outside the next path must have no gradient at all, or momentum and decay would move it.
            weight.Tensor.grad = null;
        }
        return output.Logits.detach();
    }

    // A scope of its own: what the layers made is then kept by the graph alone, which frees it while it goes back.
    private static TrainingOutput Forward(Network network, Architecture path, Tensor images, DropPath dropPath, ICommunicator? ranks)
    {
        using var scope = NewDisposeScope();
        TrainingOutput output = network.ForwardTraining(images, path, dropPath, ranks);
        return new TrainingOutput(output.Logits.MoveToOuterDisposeScope(), output.AuxiliaryLogits?.MoveToOuterDisposeScope());
    }
}
