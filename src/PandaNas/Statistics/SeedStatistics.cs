using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;

namespace PandaNas.Statistics;

/// <summary>One figure over several seeds.</summary>
/// <param name="Mean">The mean.</param>
/// <param name="StandardDeviation">The sample's standard deviation (n − 1); null for fewer than two seeds.</param>
/// <param name="Seeds">How many seeds: n.</param>
public sealed record SeedStatistics(double Mean, double? StandardDeviation, int Seeds)
{
    /// <summary>Statistics of some values; null when there are none.</summary>
    public static SeedStatistics? Of(IReadOnlyList<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
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
    public static PairedDifference? Of(IReadOnlyList<double> values, IReadOnlyList<double> reference)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentNullException.ThrowIfNull(reference);
        if (values.Count != reference.Count)
            throw new ArgumentException($"as many values as references: found {values.Count} and {reference.Count}");
        if (SeedStatistics.Of([.. values.Zip(reference, (value, other) => value - other)]) is not { } differences) return null;
        (double mean, double? deviation, int n) = differences;
        if (deviation is null) return new PairedDifference(mean, null, n);
        double half = differences.StudentQuantile * deviation.Value / Math.Sqrt(n);
        return new PairedDifference(mean, new Interval(mean - half, mean + half), n);
    }
}
