namespace PandaNas.Messages;

/// <summary>Finds what a misspelt name was probably meant to be.</summary>
internal static class NearestName
{
    /// <summary>The valid name with the smallest edit distance (Levenshtein 1966), the first of equals.</summary>
    /// <param name="text">The misspelt name; case does not matter.</param>
    /// <param name="valid">The valid names, at least one.</param>
    public static string Of(string text, IEnumerable<string> valid) =>
        valid.MinBy(name => EditDistance(text.ToLowerInvariant(), name.ToLowerInvariant()))!;

    private static int EditDistance(string a, string b)
    {
        int[] previous = [.. Enumerable.Range(0, b.Length + 1)];
        int[] current = new int[b.Length + 1];
        for (int i = 1; i <= a.Length; i++)
        {
            current[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
                current[j] = Math.Min(change, 1 + Math.Min(previous[j], current[j - 1]));
            }
            (previous, current) = (current, previous);
        }
        return previous[b.Length];
    }
}
