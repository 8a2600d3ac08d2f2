using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>
/// featcov (ours, after jacov): how little the features of different images resemble each other on their way through a network at its
/// initial weights. After the stem and after every block, K are the correlations of the features, a row of which belongs to an image; the
/// score is Σ ln det(K + 1e-5·I), that is Σ ln(v + 1e-5) over all of their eigenvalues.
/// </summary>
/// <remarks>Every block of a space counts, also where it computes nothing: their number is the same for all its architectures.</remarks>
internal static class FeatureCovariance
{
    private const double Added = 1e-5;

    /// <summary>The score; not a number where the features of an image are all alike.</summary>
    /// <param name="network">A network at its initial weights; normalises by the batch, as while it is trained.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="images">B×C×H×W.</param>
    public static double Of(GraphNetwork network, Architecture architecture, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.SumOverBlocks(images, architecture, LogDeterminant);
    }

    private static double LogDeterminant(Tensor features)
    {
        using var scope = NewDisposeScope();
        if (RowCorrelations.Of(features.flatten(1)) is not { } correlations)
            return double.NaN;
        using Scalar added = Added.ToScalar();
        Tensor diagonal = full(correlations.shape[0], added, dtype: ScalarType.Float64);
        (Tensor _, Tensor logarithm) = linalg.slogdet(correlations.Plus(diagonal.diag()));
        return logarithm.item<double>();
    }
}
