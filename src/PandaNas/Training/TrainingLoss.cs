using PandaNas.Supernets;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Training;

/// <summary>The loss whose gradient trains a network.</summary>
/// <param name="LabelSmoothing">ε: the loss is (1 − ε)·cross-entropy + ε·(mean over the classes of −log p).</param>
/// <param name="AuxiliaryWeight">The weight of the same loss of the auxiliary logits, which is added.</param>
internal sealed record TrainingLoss(double LabelSmoothing = 0, double AuxiliaryWeight = 0)
{
    /// <summary>The cross-entropy alone.</summary>
    public static TrainingLoss CrossEntropy { get; } = new();

    /// <summary>The mean loss of a mini-batch.</summary>
    /// <param name="output">What the network computed.</param>
    /// <param name="labels">n labels.</param>
    /// <param name="weights">n factors for the examples' losses, whose mean is taken; null for the plain mean.</param>
    public Tensor Of(TrainingOutput output, Tensor labels, float[]? weights)
    {
        Tensor loss = Of(output.Logits, labels, weights);
        if (output.AuxiliaryLogits is not { } auxiliary || AuxiliaryWeight == 0) return loss;
        using Scalar share = AuxiliaryWeight.ToScalar();
        return loss.add(Of(auxiliary, labels, weights), share);
    }

    /// <summary>The factors that undo importance sampling of data: 1/(N·q) for every example of a mini-batch.</summary>
    /// <param name="probabilities">q: the probability of each of the N examples; above 0 for those drawn.</param>
    /// <param name="examples">The indices of those drawn.</param>
    public static float[] WeightsAgainst(ReadOnlySpan<double> probabilities, ReadOnlySpan<int> examples)
    {
        var weights = new float[examples.Length];
        for (int i = 0; i < weights.Length; i++) weights[i] = (float)(1 / (probabilities.Length * probabilities[examples[i]]));
        return weights;
    }

    private Tensor Of(Tensor logits, Tensor labels, float[]? weights)
    {
        if (weights is null && LabelSmoothing == 0) return functional.cross_entropy(logits, labels);
        Tensor losses = functional.cross_entropy(logits, labels, reduction: Reduction.None);
        using Scalar smooth = LabelSmoothing.ToScalar(), sharp = (1 - LabelSmoothing).ToScalar();
        if (LabelSmoothing > 0) losses = losses.mul(sharp).sub(functional.log_softmax(logits, 1).mean([1]).mul(smooth));
        return (weights is null ? losses : losses.mul(tensor(weights, device: logits.device))).mean();
    }
}
