namespace PandaNas.Statistics;

/// <summary>One value against a sample, for example a chosen architecture against random ones of equal cost.</summary>
/// <param name="Sample">Mean and deviation of the sample.</param>
/// <param name="Difference">The value minus the sample's mean.</param>
/// <param name="Ci95">
/// 95% interval of the difference if the value has the sample's spread: d ± t·s·√(1 + 1/n) with n − 1 degrees of freedom, as for the
/// prediction of one more value. Where 0 lies outside, one more value of the sample would seldom have been as far off.
/// </param>
public sealed record OneAgainstSample(SeedStatistics Sample, double Difference, Interval Ci95)
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
