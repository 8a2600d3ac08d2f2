namespace PandaNas.Latency;

/// <summary>What is made of repeated measurements.</summary>
internal static class Statistics
{
    /// <summary>The median: the middle value, or the mean of the two in the middle. There must be a value.</summary>
    public static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        int middle = sorted.Length / 2;
        return sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}
