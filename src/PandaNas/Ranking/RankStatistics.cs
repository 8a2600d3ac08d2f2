namespace PandaNas.Ranking;

/// <summary>
/// How well a predicted ranking agrees with the true one. Higher values are better in both sequences, which have one item per
/// architecture, in the same order.
/// </summary>
/// <remarks>
/// The best-first order behind P@Top, BR@K, WR@K and regret breaks ties by index: of equal values the one that comes first in the
/// sequence counts as better, so a true rank is unique. A NaN among the values makes a real-valued statistic NaN; a rank of it, sequences
/// of different lengths and a k outside [1, n] are refused.
/// Definitions of P@Top, BR@K and WR@K: Ning et al. 2021, "Evaluating Efficient Performance Estimators of Neural Architectures";
/// ranks here count from 1 and are not divided by n.
/// </remarks>
internal static class RankStatistics
{
    /// <summary>Kendall's tau-b in [−1, 1]. NaN when n is below 2, when either sequence is constant or when a value is NaN.</summary>
    public static double KendallTauB(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth) =>
        AreNumbers(predicted, truth) ? KendallTau.Compute(predicted, truth) : double.NaN;

    /// <summary>
    /// Spearman's rank correlation in [−1, 1]: Pearson's correlation of the ranks, equal values sharing their average rank
    /// (Spearman 1904). NaN when n is below 2, when either sequence is constant or when a value is NaN.
    /// </summary>
    public static double Spearman(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth)
    {
        if (!AreNumbers(predicted, truth) || predicted.Length < 2) return double.NaN;
        double[] x = CentredRanks(predicted), y = CentredRanks(truth);
        double xy = 0, xx = 0, yy = 0;
        for (int i = 0; i < x.Length; i++)
        {
            xy += x[i] * y[i];
            xx += x[i] * x[i];
            yy += y[i] * y[i];
        }
        return xx == 0 || yy == 0 ? double.NaN : Math.Clamp(xy / Math.Sqrt(xx * yy), -1, 1);
    }

    /// <summary>
    /// P@Top in [0, 1]: P@TopK for the <see cref="TopCount"/> of a share. NaN when there are no items or when a value is NaN.
    /// </summary>
    public static double PrecisionAtTop(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, double fraction)
    {
        int top = TopCount(predicted.Length, fraction);
        return predicted.IsEmpty && truth.IsEmpty ? double.NaN : PrecisionAtK(predicted, truth, top);
    }

    /// <summary>P@TopK in [0, 1]: |top K predicted ∩ top K true| / K. NaN when a value is NaN.</summary>
    public static double PrecisionAtK(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k) =>
        AreNumbers(predicted, truth, k) ? TrueRanksOfTop(predicted, truth, k).Count(rank => rank <= k) / (double)k : double.NaN;

    /// <summary>How many of n items are a share of them: max(1, round(<paramref name="fraction"/> · n)), halves rounded to even.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is outside (0, 1].</exception>
    public static int TopCount(int count, double fraction) => fraction is > 0 and <= 1
        ? Math.Max(1, (int)Math.Round(fraction * count))
        : throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "the fraction is in (0, 1]");

    /// <summary>
    /// tau-b in [−1, 1] among the <paramref name="k"/> best predicted only: how far the ranking can be trusted where a search ends.
    /// NaN when it is not defined there, for example for a k of 1.
    /// </summary>
    public static double KendallTauOfTop(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k)
    {
        if (!AreNumbers(predicted, truth, k)) return double.NaN;
        double[] x = new double[k], y = new double[k];
        int[] top = Order.BestFirst(predicted);
        for (int i = 0; i < k; i++) (x[i], y[i]) = (predicted[top[i]], truth[top[i]]);
        return KendallTau.Compute(x, y);
    }

    /// <summary>BR@K: the best true rank (1 = best of all n) among the top <paramref name="k"/> predicted, in [1, n].</summary>
    public static int BestRankAtK(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k) =>
        TrueRanksOfTop(predicted, truth, k).Min();

    /// <summary>WR@K: the worst true rank (1 = best of all n) among the top <paramref name="k"/> predicted, in [k, n].</summary>
    public static int WorstRankAtK(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k) =>
        TrueRanksOfTop(predicted, truth, k).Max();

    /// <summary>
    /// Regret: the best true accuracy of all minus the best among the top <paramref name="k"/> predicted, in the truth's own unit
    /// (percentage points for NAS-Bench-201), at least 0. NaN when a value is NaN.
    /// </summary>
    public static double Regret(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k)
    {
        if (!AreNumbers(predicted, truth, k)) return double.NaN;
        double best = double.NegativeInfinity, bestOfTop = double.NegativeInfinity;
        foreach (double value in truth) best = Math.Max(best, value);
        foreach (int index in Order.BestFirst(predicted).AsSpan(0, k)) bestOfTop = Math.Max(bestOfTop, truth[index]);
        return best == bestOfTop ? 0 : best - bestOfTop;
    }

    /// <summary>A statistic as reports have it: null where it is not defined.</summary>
    internal static double? Defined(double statistic) => double.IsNaN(statistic) ? null : statistic;

    private static int[] TrueRanksOfTop(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k)
    {
        if (!AreNumbers(predicted, truth, k)) throw new ArgumentException("ranks need values that are numbers, found NaN");
        int[] ranks = TrueRanks(truth);
        int[] top = Order.BestFirst(predicted)[..k];
        return Array.ConvertAll(top, index => ranks[index]);
    }

    /// <summary>The rank of every item, 1 = best; of equal values the lower index ranks better.</summary>
    private static int[] TrueRanks(ReadOnlySpan<double> truth)
    {
        int[] order = Order.BestFirst(truth);
        var ranks = new int[order.Length];
        for (int place = 0; place < order.Length; place++) ranks[order[place]] = place + 1;
        return ranks;
    }

    /// <summary>Average ranks minus their mean, which is (n − 1) / 2 whatever the ties.</summary>
    private static double[] CentredRanks(ReadOnlySpan<double> values)
    {
        (double[] sorted, int[] order) = Order.Ascending(values);
        var ranks = new double[order.Length];
        double mean = (order.Length - 1) / 2.0;
        for (int start = 0; start < order.Length;)
        {
            int end = start + 1;
            while (end < order.Length && sorted[end] == sorted[start]) end++;
            double average = (start + end - 1) / 2.0;
            for (int i = start; i < end; i++) ranks[order[i]] = average - mean;
            start = end;
        }
        return ranks;
    }

    private static bool AreNumbers(ReadOnlySpan<double> predicted, ReadOnlySpan<double> truth, int k = 1)
    {
        if (predicted.Length != truth.Length)
            throw new ArgumentException($"one prediction for every truth: found {predicted.Length} predictions and {truth.Length} truths");
        if (k < 1 || k > Math.Max(1, predicted.Length))
            throw new ArgumentOutOfRangeException(nameof(k), k, $"k is in [1, {predicted.Length}]");
        foreach (double value in predicted)
            if (double.IsNaN(value)) return false;
        foreach (double value in truth)
            if (double.IsNaN(value)) return false;
        return true;
    }
}

/// <summary>Orders of indices by value, the common ground of the rank statistics.</summary>
internal static class Order
{
    /// <summary>The values sorted ascending and the index each came from; the order among equal values is not defined.</summary>
    public static (double[] Sorted, int[] Indices) Ascending(ReadOnlySpan<double> values)
    {
        double[] sorted = values.ToArray();
        int[] indices = Indices(values.Length);
        Array.Sort(sorted, indices);
        return (sorted, indices);
    }

    /// <summary>The indices from the highest value to the lowest; of equal values the lower index comes first.</summary>
    public static int[] BestFirst(ReadOnlySpan<double> values)
    {
        (double[] sorted, int[] indices) = Ascending(values);
        Array.Reverse(sorted);
        Array.Reverse(indices);
        for (int start = 0; start < sorted.Length;)
        {
            int end = start + 1;
            while (end < sorted.Length && sorted[end] == sorted[start]) end++;
            if (end - start > 1) Array.Sort(indices, start, end - start);
            start = end;
        }
        return indices;
    }

    private static int[] Indices(int count)
    {
        var indices = new int[count];
        for (int i = 0; i < count; i++) indices[i] = i;
        return indices;
    }
}
