namespace PandaNas.Ranking;

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
