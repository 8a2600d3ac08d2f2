namespace PandaNas.Statistics;

/// <summary>What describes repeated measurements of one thing.</summary>
public static class Sample
{
    /// <summary>The middle value, or the mean of the two in the middle.</summary>
    /// <param name="values">At least one, in any order.</param>
    public static double Median(IEnumerable<double> values) => Quantile([.. values.Order()], 0.5);

    /// <summary>The quantile with linear interpolation between neighbours (type 7 of Hyndman and Fan 1996, NumPy's default).</summary>
    /// <param name="sorted">At least one value, in ascending order.</param>
    /// <param name="probability">In [0, 1].</param>
    public static double Quantile(IReadOnlyList<double> sorted, double probability)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        double place = probability * (sorted.Count - 1);
        int below = (int)place;
        int above = Math.Min(below + 1, sorted.Count - 1);
        return sorted[below] + ((place - below) * (sorted[above] - sorted[below]));
    }

    /// <summary>The standard deviation of what the values were drawn from, estimated with n − 1.</summary>
    /// <param name="values">At least two.</param>
    public static double StandardDeviation(IReadOnlyCollection<double> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double mean = values.Average();
        return Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Count - 1));
    }
}
