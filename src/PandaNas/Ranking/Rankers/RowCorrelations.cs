using PandaNas.Runtime.Torch;
using static TorchSharp.torch;

namespace PandaNas.Ranking.Rankers;

/// <summary>Pearson's correlations between the rows of a matrix, in float64.</summary>
internal static class RowCorrelations
{
    /// <summary>
    /// The N×N correlations; null where a row is constant or not finite, so that it correlates with none: torch refuses to look for
    /// eigenvalues then.
    /// </summary>
    /// <param name="rows">N×D.</param>
    public static Tensor? Of(Tensor rows)
    {
        using var scope = NewDisposeScope();
        (Tensor centred, Tensor lengths) = Centred(rows);
        return OfDirections(centred.div(lengths));
    }

    /// <summary>The same where a constant row correlates with nothing, itself included; null where a row is not finite.</summary>
    /// <param name="rows">N×D.</param>
    public static Tensor? WithConstantRows(Tensor rows)
    {
        using var scope = NewDisposeScope();
        (Tensor centred, Tensor lengths) = Centred(rows);
        return OfDirections(where(lengths.eq(zeros_like(lengths)), centred, centred.div(lengths)));
    }

    /// <summary>The eigenvalues of correlations, ascending.</summary>
    public static double[] Eigenvalues(Tensor correlations)
    {
        using var scope = NewDisposeScope();
        return linalg.eigvalsh(correlations).data<double>().ToArray();
    }

    private static (Tensor Centred, Tensor Lengths) Centred(Tensor rows)
    {
        Tensor precise = rows.to(ScalarType.Float64);
        Tensor centred = precise.Plus(precise.mean([1], keepdim: true).neg());
        return (centred, centred.mul(centred).sum(1, keepdim: true).sqrt());
    }

    private static Tensor? OfDirections(Tensor directions)
    {
        Tensor correlations = directions.mm(directions.t());
        return double.IsFinite(correlations.sum().item<double>()) ? correlations.MoveToOuterDisposeScope() : null;
    }
}
