using PandaNas.Spaces;
using PandaNas.Supernets.Graphs;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>
/// MeCo (Jiang, Wang and Bie 2023, "MeCo: Zero-Shot NAS with One Data and Single Forward Pass via Minimum Eigenvalue of Correlation",
/// NeurIPS): Σ λ_min(P) over the features of one image on their way through a network at its initial weights, P the Pearson
/// correlations between their channels.
/// </summary>
/// <remarks>
/// The layers of the sum are the stem and every block, as for featcov; the image is the first of the batch, by which the network
/// normalises. A constant channel correlates with nothing, as in the released code, so the least eigenvalue is 0 then.
/// </remarks>
internal static class ChannelCorrelation
{
    /// <summary>The score.</summary>
    /// <param name="network">A network at its initial weights; normalises by the batch, as while it is trained.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="images">B×C×H×W.</param>
    public static double Of(GraphNetwork network, Architecture architecture, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        return network.SumOverBlocks(images, architecture, LeastEigenvalue);
    }

    private static double LeastEigenvalue(Tensor features)
    {
        using var scope = NewDisposeScope();
        Tensor? correlations = RowCorrelations.WithConstantRows(features.select(0, 0).flatten(1));
        return correlations is null ? double.NaN : RowCorrelations.Eigenvalues(correlations)[0];
    }
}
