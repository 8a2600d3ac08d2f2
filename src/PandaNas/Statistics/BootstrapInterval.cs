using MathNet.Numerics.Statistics;
using PandaNas.Sampling;

namespace PandaNas.Statistics;

/// <summary>A statistic of paired samples, for example a rank correlation.</summary>
/// <param name="predicted">The predictions.</param>
/// <param name="truth">The truths, one per prediction.</param>
/// <returns>The statistic; NaN when it is not defined for these samples.</returns>
internal delegate double PairedStatistic(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth);

/// <summary>
/// The percentile bootstrap (Efron 1979): the statistic is computed on resamples of the pairs, drawn with replacement, and the
/// interval spans the central 95% of the results. It expresses the chance in which architectures were evaluated; the
/// chance in the supernet's training needs several seeds.
/// </summary>
internal static class BootstrapInterval
{
    /// <summary>The share of the resampled statistics that lies in the interval.</summary>
    public const double Confidence = 0.95;

    /// <summary>The number of pairs above which <see cref="DefaultResamples"/> is lower.</summary>
    public const int ManyPairs = 5_000;

    /// <summary>
    /// 1,000 resamples up to <see cref="ManyPairs"/> pairs, 200 above: the cost of a resample grows with n while the interval, and
    /// with it the error of its ends, shrinks with 1/√n.
    /// </summary>
    public static int DefaultResamples(int pairs) => pairs <= ManyPairs ? 1_000 : 200;

    /// <summary>The 95% interval of a statistic. Resamples for which the statistic is NaN are left out.</summary>
    /// <param name="predicted">The predictions, at least one.</param>
    /// <param name="truth">The truths, one per prediction.</param>
    /// <param name="statistic">What to compute; must not depend on the order of the pairs beyond breaking ties.</param>
    /// <param name="stream">Where the resamples come from: the same stream state gives the same interval.</param>
    /// <param name="resamples">How many resamples, at least 1; null for <see cref="DefaultResamples"/>.</param>
    /// <returns>The interval; null when the statistic is NaN for every resample.</returns>
    /// <exception cref="ArgumentException">The sequences are empty or have different lengths.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="resamples"/> is below 1.</exception>
    public static Interval? Compute(
        ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, PairedStatistic statistic, RandomStream stream, int? resamples = null)
    {
        int n = predicted.Length, count = resamples ?? DefaultResamples(n);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1, nameof(resamples));
        if (n == 0 || truth.Length != n)
            throw new ArgumentException($"as many predictions as truths, at least one: found {n} and {truth.Length}");

        double[] x = new double[n], y = new double[n];
        var values = new List<double>(count);
        for (int resample = 0; resample < count; resample++)
        {
            for (int i = 0; i < n; i++)
            {
                int drawn = stream.NextInt(n);
                x[i] = predicted[drawn];
                y[i] = truth[drawn];
            }
            double value = statistic(x, y);
            if (!double.IsNaN(value)) values.Add(value);
        }
        return values.Count == 0 ? null : Central(values);
    }

    /// <summary>The central <see cref="Confidence"/> of some values, its ends interpolated as NumPy does (type 7).</summary>
    /// <param name="values">At least one, in any order.</param>
    internal static Interval Central(IReadOnlyCollection<double> values)
    {
        double Quantile(double share) => values.QuantileCustom(share, QuantileDefinition.R7);
        return new Interval(Quantile((1 - Confidence) / 2), Quantile((1 + Confidence) / 2));
    }
}
