using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>
/// naswot (Mellor et al. 2021, "Neural Architecture Search without Training", ICML, equation 2 and the released code, which sums over
/// layers): how differently images activate a network at its initial weights. Of every activation, x is the B×units pattern of where it is
/// above 0; the score is ln|det K|, K = Σ x xᵀ + (1 − x)(1 − x)ᵀ.
/// </summary>
/// <remarks>
/// An activation that several operations share counts once (the papers' networks have one for each operation). Those inside a user's own
/// module are not seen.
/// </remarks>
internal static class ActivationKernel
{
    /// <summary>The score; negative infinity where two images activate alike.</summary>
    /// <param name="network">A network at its initial weights; normalises by the batch, as while it is trained.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="images">B×C×H×W.</param>
    public static double Of(GraphNetwork network, Architecture architecture, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        int count = (int)images.shape[0];
        var kernel = new double[count * count];
        network.Observe(images, architecture, activated => Add(kernel, count, activated));
        using var scope = NewDisposeScope();
        Tensor matrix = tensor(kernel, [count, count]);
        (Tensor _, Tensor logarithm) = linalg.slogdet(matrix);
        return logarithm.item<double>();
    }

    // By the overlaps o of the patterns alone, which are whole numbers that float32 holds: units − |x_i| − |x_j| + 2 o.
    private static void Add(double[] kernel, int count, Tensor activated)
    {
        using var scope = NewDisposeScope();
        Tensor pattern = activated.permute(0, 2, 3, 1).reshape(count, -1).to(ScalarType.Float32).sign();
        long units = pattern.shape[1];
        ReadOnlySpan<float> overlaps = pattern.mm(pattern.t()).data<float>().ToArray();
        for (int i = 0; i < count; i++)
            for (int j = 0; j < count; j++)
                kernel[i * count + j] += units - overlaps[i * count + i] - (double)overlaps[j * count + j]
                    + 2 * (double)overlaps[i * count + j];
    }
}
