using System.Numerics;
using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Optimization;

/// <summary>Euclidean norms of gradients: what clipping and path sampling both need, computed once per step.</summary>
internal static class GradientNorms
{
    /// <summary>The norm of each gradient; 0 where there is none.</summary>
    /// <param name="gradients">Gradient tensors of any shape on one device, null where a weight took no part.</param>
    public static double[] Of(IReadOnlyList<Tensor?> gradients)
    {
        var norms = new double[gradients.Count];
        if (gradients.All(gradient => gradient is null || RawTensor.IsAccessible(gradient)))
        {
            for (int i = 0; i < norms.Length; i++)
                if (gradients[i] is { } gradient) norms[i] = Math.Sqrt(SumOfSquares(RawTensor.Floats(gradient)));
            return norms;
        }
        OnDevice(gradients, norms);
        return norms;
    }

    /// <summary>The norm of all gradients taken as one vector.</summary>
    /// <param name="norms">The norm of each part.</param>
    public static double Total(ReadOnlySpan<double> norms)
    {
        double sum = 0;
        foreach (double norm in norms) sum += norm * norm;
        return Math.Sqrt(sum);
    }

    /// <summary>
    /// The factor by which clipping scales all gradients so that their total norm stays within the limit, as PyTorch's
    /// <c>clip_grad_norm_</c> has it: min(1, limit / (total + 1e-6)).
    /// </summary>
    /// <param name="total">The norm of all gradients.</param>
    /// <param name="limit">The largest norm let through; 0 means no clipping.</param>
    public static double ClipFactor(double total, double limit) => limit <= 0 ? 1 : Math.Min(1, limit / (total + 1e-6));

    // One stacked tensor, so that a device is waited for once and not once per gradient.
    private static void OnDevice(IReadOnlyList<Tensor?> gradients, double[] norms)
    {
        using var scope = NewDisposeScope();
        int[] present = [.. Enumerable.Range(0, norms.Length).Where(i => gradients[i] is not null)];
        if (present.Length == 0) return;
        Tensor stacked = stack(present.Select(i => gradients[i]!.norm())).cpu().to(ScalarType.Float64);
        double[] values = stacked.data<double>().ToArray();
        for (int k = 0; k < present.Length; k++) norms[present[k]] = values[k];
    }

    private static double SumOfSquares(ReadOnlySpan<float> values)
    {
        // Blocks of float lanes, summed in double: within 1e-6 of exact at any length.
        const int Block = 4096;
        double sum = 0;
        while (values.Length > 0)
        {
            ReadOnlySpan<float> block = values[..Math.Min(Block, values.Length)];
            values = values[block.Length..];
            var lanes = Vector<float>.Zero;
            int i = 0;
            for (; i <= block.Length - Vector<float>.Count; i += Vector<float>.Count)
            {
                var v = new Vector<float>(block[i..]);
                lanes += v * v;
            }
            double rest = Vector.Sum(lanes);
            for (; i < block.Length; i++) rest += (double)block[i] * block[i];
            sum += rest;
        }
        return sum;
    }
}
