namespace PandaNas.Tests.Sampling;

/// <summary>Pearson's goodness of fit at p = 0.0001; the streams' seeds are fixed, so a test that passes keeps passing.</summary>
internal static class ChiSquare
{
    /// <summary>Asserts that counts fit a distribution, given up to a factor; what has weight 0 must not occur.</summary>
    public static void AssertFits(IReadOnlyList<int> counts, IReadOnlyList<double> weights)
    {
        double largest = weights.Max();
        double total = weights.Sum(weight => weight / largest);
        double statistic = 0;
        int outcomes = 0, drawn = counts.Sum();
        for (int i = 0; i < counts.Count; i++)
        {
            if (weights[i] == 0)
            {
                Assert.Equal(0, counts[i]);
                continue;
            }
            double expected = weights[i] / largest / total * drawn;
            statistic += (counts[i] - expected) * (counts[i] - expected) / expected;
            outcomes++;
        }
        if (outcomes > 1) Assert.InRange(statistic, 0, Critical(outcomes - 1));
        else Assert.InRange(statistic, 0, 1e-9);
    }

    // Wilson and Hilferty 1931; 3.719 is the normal quantile.
    private static double Critical(int degrees)
    {
        double v = 2.0 / (9 * degrees);
        return degrees * Math.Pow(1 - v + 3.719 * Math.Sqrt(v), 3);
    }
}
