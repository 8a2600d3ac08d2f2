using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace PandaNas.Statistics;

/// <summary>One figure over several seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The sample's standard deviation (n − 1); null for fewer than two seeds.</param>
/// <param name="Seeds">How many seeds: n.</param>
internal sealed record SeedStatistics(double Mean, double? StandardDeviation, int Seeds)
{
    /// <summary>Statistics of some values; null when there are none.</summary>
    internal static SeedStatistics? Of(IReadOnlyList<double> values)
    {
        if (values.Count == 0) return null;
        return new SeedStatistics(values.Average(), values.Count < 2 ? null : values.StandardDeviation(), values.Count);
    }

    /// <summary>How many standard errors a 95% interval reaches to either side (Student's t with n − 1 degrees of freedom).</summary>
    internal double StudentQuantile => StudentT.InvCDF(0, 1, Seeds - 1, (1 + BootstrapInterval.Confidence) / 2);
}

/// <summary>How much one figure differs from another of the same seeds, seed by seed.</summary>
/// <param name="Mean">The mean of the differences.</param>
/// <param name="Ci95">The 95% interval of that mean by Student's t (paired t interval); null for fewer than two seeds.</param>
/// <param name="Seeds">How many pairs: n.</param>
public sealed record PairedDifference(double Mean, Interval? Ci95, int Seeds)
{
    /// <summary>The differences <paramref name="values"/> − <paramref name="reference"/>; null when there are none.</summary>
    /// <exception cref="ArgumentException">The sequences have different lengths.</exception>
    internal static PairedDifference? Of(IReadOnlyList<double> values, IReadOnlyList<double> reference)
    {
        if (values.Count != reference.Count)
            throw new ArgumentException($"as many values as references: found {values.Count} and {reference.Count}");
        if (SeedStatistics.Of([.. values.Zip(reference, (value, other) => value - other)]) is not { } differences) return null;
        (double mean, double? deviation, int n) = differences;
        if (deviation is null) return new PairedDifference(mean, null, n);
        double half = differences.StudentQuantile * deviation.Value / Math.Sqrt(n);
        return new PairedDifference(mean, new Interval(mean - half, mean + half), n);
    }
}

/// <summary>One value against a sample, for example a chosen architecture against random ones of equal cost.</summary>
/// <param name="Sample">Mean and deviation of the sample.</param>
/// <param name="Difference">The value minus the sample's mean.</param>
/// <param name="Ci95">
/// 95% interval of the difference if the value has the sample's spread: d ± t·s·√(1 + 1/n) with n − 1 degrees of freedom, as for the
/// prediction of one more value. Where 0 lies outside, one more value of the sample would seldom have been as far off.
/// </param>
internal sealed record OneAgainstSample(SeedStatistics Sample, double Difference, Interval Ci95)
{
    /// <summary>Compares.</summary>
    /// <param name="value">The one.</param>
    /// <param name="sample">The others, at least two.</param>
    /// <exception cref="ArgumentException">The sample has fewer than two values, which have no spread.</exception>
    public static OneAgainstSample Of(double value, IReadOnlyList<double> sample)
    {
        if (SeedStatistics.Of(sample) is not { StandardDeviation: { } deviation } statistics)
            throw new ArgumentException("a spread needs at least two values", nameof(sample));
        int n = statistics.Seeds;
        double difference = value - statistics.Mean;
        double half = statistics.StudentQuantile * deviation * Math.Sqrt(1 + 1.0 / n);
        return new OneAgainstSample(statistics, difference, new Interval(difference - half, difference + half));
    }
}
