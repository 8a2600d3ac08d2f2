using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>
/// jacov (Mellor et al. 2020, "Neural Architecture Search without Training", first version, arXiv 2006.04647v1, section 3): how little the
/// network's responses to different images resemble each other at its initial weights. J = ∂Σ logits/∂x, a row of which belongs to an
/// image; v are the eigenvalues of the rows' correlation matrix; the score is −Σ (ln(v + 1e-5) + 1/(v + 1e-5)).
/// </summary>
internal static class JacobianCovariance
{
    private const double Added = 1e-5;

    /// <summary>The score; not a number where an image has no gradient.</summary>
    /// <param name="network">A network at its initial weights; normalises by the batch, as while it is trained.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="images">B×C×H×W.</param>
    public static double Of(Network network, Architecture architecture, Tensor images)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(images);
        using var scope = NewDisposeScope();
        Tensor input = images.detach().clone();
        input.requires_grad = true;
        RecordedOperations.BackwardFrom(network.Forward(input, architecture, training: true).sum());
        return input.grad is { } jacobian ? OfJacobian(jacobian.flatten(1)) : double.NaN;
    }

    /// <summary>The score of B gradients.</summary>
    /// <param name="jacobian">B×D.</param>
    internal static double OfJacobian(Tensor jacobian)
    {
        using var scope = NewDisposeScope();
        using var _ = no_grad();
        if (RowCorrelations.Of(jacobian) is not { } correlations) return double.NaN;
        double score = 0;
        foreach (double value in RowCorrelations.Eigenvalues(correlations)) score -= Math.Log(value + Added) + 1 / (value + Added);
        return score;
    }
}
