using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Runtime.Torch;

/// <summary>
/// Sums of tensors. TorchSharp's own <c>add(other)</c> and <c>add_(other)</c> make a number 1 for torch that the collector may free while
/// torch reads it; here it lives as long as the process. Tensors must be held by the caller, as for every call into torch.
/// </summary>
internal static class TensorSums
{
    private static readonly Scalar One = 1.ToScalar();

    /// <summary>tensor + other, element by element.</summary>
    public static Tensor Plus(this Tensor tensor, Tensor other) => tensor.add(other, One);

    /// <summary>tensor += other, in place; returns the tensor.</summary>
    public static Tensor AddInPlace(this Tensor tensor, Tensor other) => tensor.add_(other, One);
}
