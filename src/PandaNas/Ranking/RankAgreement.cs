using PandaNas.Sampling;
using PandaNas.Statistics;

namespace PandaNas.Ranking;

/// <summary>How far two supernets rank the same architectures alike; needs no truth.</summary>
/// <param name="KendallTau">Kendall's tau-b between the two predictions, in [−1, 1]; null when not defined.</param>
/// <param name="KendallTauCi95">Its 95% bootstrap interval over architectures.</param>
/// <param name="Spearman">Spearman's rank correlation, in [−1, 1]; null when not defined.</param>
/// <param name="CommonTop5">The share of one's top 5% that is also in the other's, in [0, 1].</param>
public sealed record RankAgreement(double? KendallTau, Interval? KendallTauCi95, double? Spearman, double CommonTop5)
{
    /// <summary>Compares two predictions of the same architectures in the same order, all finite, at least one.</summary>
    /// <param name="one">The predictions of one supernet.</param>
    /// <param name="other">Those of the other.</param>
    /// <param name="seed">From which the bootstrap's stream derives.</param>
    /// <exception cref="ArgumentException">The sequences are empty or have different lengths.</exception>
    public static RankAgreement Compute(IReadOnlyList<double> one, IReadOnlyList<double> other, long seed)
    {
        double[] x = [.. one], y = [.. other];
        Interval? interval = BootstrapInterval.Compute(x, y, RankStatistics.KendallTauB, RandomStream.Derive(seed, "bootstrap/agreement"));
        return new RankAgreement(
            RankStatistics.Defined(RankStatistics.KendallTauB(x, y)), interval, RankStatistics.Defined(RankStatistics.Spearman(x, y)),
            RankStatistics.PrecisionAtTop(x, y, RankingReport.TopFraction));
    }
}
