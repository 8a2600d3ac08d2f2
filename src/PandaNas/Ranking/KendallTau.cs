namespace PandaNas.Ranking;

/// <summary>Kendall's tau-b in O(n log n) by counting the exchanges of a merge sort (Knight 1966, JASA 61, 436–439).</summary>
internal static class KendallTau
{
    /// <summary>tau-b of two sequences of the same length without NaN; NaN when either is constant or n is below 2.</summary>
    public static double Compute(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        int n = x.Length;
        if (n < 2) return double.NaN;
        int[] xRanks = DenseRanks(x, out long xTies);
        int[] yRanks = DenseRanks(y, out long yTies);
        long pairs = Pairs(n);
        if (xTies == pairs || yTies == pairs) return double.NaN;

        // One integer key orders by x, then by y, so that sorting needs no comparer.
        var keys = new long[n];
        for (int i = 0; i < n; i++) keys[i] = ((long)xRanks[i] * n) + yRanks[i];
        Array.Sort(keys);
        long jointTies = TiedPairs(keys);
        for (int i = 0; i < n; i++) yRanks[i] = (int)(keys[i] % n);
        long discordant = SortCountingExchanges(yRanks);

        // Concordant + discordant pairs are those tied in neither sequence.
        long concordantMinusDiscordant = pairs - xTies - yTies + jointTies - (2 * discordant);
        // One root of the product, so that equal rankings give exactly 1.
        double tau = concordantMinusDiscordant / Math.Sqrt((double)(pairs - xTies) * (pairs - yTies));
        return Math.Clamp(tau, -1, 1);
    }

    private static long Pairs(long n) => n * (n - 1) / 2;

    /// <summary>Rank of each value counted from 0, equal values sharing one; also how many pairs are equal.</summary>
    private static int[] DenseRanks(ReadOnlySpan<double> values, out long tiedPairs)
    {
        (double[] sorted, int[] order) = Order.Ascending(values);
        var ranks = new int[values.Length];
        int rank = 0, run = 0;
        tiedPairs = 0;
        for (int i = 0; i < order.Length; i++)
        {
            if (i > 0 && sorted[i] != sorted[i - 1])
            {
                rank++;
                run = 0;
            }
            tiedPairs += run++;
            ranks[order[i]] = rank;
        }
        return ranks;
    }

    private static long TiedPairs(long[] sorted)
    {
        long ties = 0;
        for (int i = 1, run = 0; i < sorted.Length; i++)
        {
            run = sorted[i] == sorted[i - 1] ? run + 1 : 0;
            ties += run;
        }
        return ties;
    }

    /// <summary>Merge-sorts; returns how many exchanges of neighbours that takes, which is the number of inversions.</summary>
    private static long SortCountingExchanges(int[] values)
    {
        int[] from = values, to = new int[values.Length];
        long exchanges = 0;
        for (int width = 1; width < values.Length; width *= 2)
        {
            for (int start = 0; start < values.Length; start += 2 * width)
            {
                int middle = Math.Min(start + width, values.Length), end = Math.Min(middle + width, values.Length);
                exchanges += Merge(from, to, start, middle, end);
            }
            (from, to) = (to, from);
        }
        return exchanges;
    }

    private static long Merge(int[] from, int[] to, int start, int middle, int end)
    {
        long exchanges = 0;
        int left = start, right = middle;
        for (int at = start; at < end; at++)
            if (right >= end || (left < middle && from[left] <= from[right]))
            {
                to[at] = from[left++];
            }
            else
            {
                // The right item passes all that is left of the left run.
                exchanges += middle - left;
                to[at] = from[right++];
            }
        return exchanges;
    }
}
