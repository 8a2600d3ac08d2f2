using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The weights of a convolution, outputs × inputs of a group × height × width: a tensor of its own, or of one that several operations
/// share (<see cref="EntangledKernels"/>) the first outputs and inputs and the middle of the window.
/// </summary>
internal sealed class KernelWeights
{
    /// <summary>A part of a kernel.</summary>
    /// <param name="whole">The kernel; null where weights are only counted.</param>
    /// <param name="shape">The part's shape; its window is odd, as the kernel's is.</param>
    public KernelWeights(Tensor whole, long[] shape)
    {
        (Whole, Shape) = (whole, shape);
        IsPart = whole is not null && !whole.shape.AsSpan().SequenceEqual(shape);
    }

    /// <summary>The tensor that is trained.</summary>
    public Tensor Whole { get; }

    /// <summary>Outputs × inputs of a group × height × width of what is computed with.</summary>
    public long[] Shape { get; }

    /// <summary>Whether there is more of the tensor than this.</summary>
    public bool IsPart { get; }

    /// <summary>What is computed with: the tensor itself, or a copy through which torch's gradients go back to the whole.</summary>
    public Tensor Plain => IsPart ? Cut() : Whole;

    private Tensor Cut()
    {
        Tensor part = Whole;
        for (int dimension = 0; dimension < Shape.Length; dimension++)
        {
            long spare = part.shape[dimension] - Shape[dimension];
            if (spare > 0) part = part.narrow(dimension, dimension < 2 ? 0 : spare / 2, Shape[dimension]);
        }
        return part.contiguous();
    }
}
