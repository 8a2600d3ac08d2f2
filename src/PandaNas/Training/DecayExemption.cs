using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Which weights are free of weight decay.</summary>
internal static class DecayExemption
{
    /// <summary>Vectors, which are biases and the scale and shift of batch norms; null for no weights.</summary>
    public static Func<Tensor, bool>? Of(bool exemptNorms) => exemptNorms ? weight => weight.dim() <= 1 : null;
}
