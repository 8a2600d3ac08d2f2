namespace PandaNas.Sampling;

/// <summary>
/// Random choices of examples that keep the proportions of the classes to within one example per class: each class gets its exact
/// share rounded down, and the examples left over go to the largest remainders (equal ones to the lower label). A class that would have
/// none then gets one of the class that has most beyond its share.
/// </summary>
internal static class StratifiedSplit
{
    /// <summary>Divides examples into a training and a held-out part.</summary>
    /// <param name="labels">N labels, 0 to K - 1.</param>
    /// <param name="classes">K.</param>
    /// <param name="heldOut">How many are held out, 0 to N.</param>
    /// <param name="random">The stream; each class is shuffled once, in label order.</param>
    /// <returns>
    /// The indices of both parts, ascending; together they are 0 to N - 1. A class of two or more examples is in both where the counts
    /// allow it, a single example trains.
    /// </returns>
    /// <exception cref="BadOptionException">There are not that many examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside the classes.</exception>
    public static (int[] Train, int[] HeldOut) Split(ReadOnlySpan<int> labels, int classes, int heldOut, RandomStream random)
    {
        int[] chosen = Choose(labels, classes, heldOut, keepsOne: true, random);
        int[] rest = new int[labels.Length - chosen.Length];
        for (int i = 0, next = 0, at = 0; i < labels.Length; i++)
        {
            if (next < chosen.Length && chosen[next] == i) next++;
            else rest[at++] = i;
        }
        return (rest, chosen);
    }

    /// <summary>Chooses some examples.</summary>
    /// <param name="labels">N labels, 0 to K - 1.</param>
    /// <param name="classes">K.</param>
    /// <param name="count">How many, 0 to N.</param>
    /// <param name="random">The stream; each class is shuffled once, in label order.</param>
    /// <returns>Their indices, ascending.</returns>
    /// <exception cref="BadOptionException">There are not that many examples.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A label is outside the classes.</exception>
    public static int[] Subset(ReadOnlySpan<int> labels, int classes, int count, RandomStream random) =>
        Choose(labels, classes, count, keepsOne: false, random);

    /// <summary>How many examples each class has.</summary>
    internal static int[] Sizes(ReadOnlySpan<int> labels, int classes) =>
        Array.ConvertAll(GroupByLabel(labels, classes), members => members.Count);

    /// <summary>The nearest number that can be divided off so that every class of two or more examples is in both parts.</summary>
    internal static int Bounded(double count, int[] sizes) =>
        (int)Math.Clamp(count, sizes.Sum(size => Lowest(size, keepsOne: true)), sizes.Sum(size => Highest(size, keepsOne: true)));

    /// <summary>How many of each class are chosen.</summary>
    /// <param name="sizes">The examples of each class.</param>
    /// <param name="count">How many in all.</param>
    /// <param name="keepsOne">Whether one of every class is to be left, even if none can be chosen then.</param>
    internal static int[] Quotas(int[] sizes, int count, bool keepsOne)
    {
        int[] quotas = LargestRemainders(sizes, count);
        double share = (double)count / Math.Max(1, sizes.Sum(size => (long)size));
        int[] lowest = Array.ConvertAll(sizes, size => Lowest(size, keepsOne));
        int[] highest = Array.ConvertAll(sizes, size => Highest(size, keepsOne));
        int?[] all = [.. Enumerable.Range(0, sizes.Length)];
        double Excess(int? label) => quotas[label!.Value] - share * sizes[label.Value];
        while (all.FirstOrDefault(label => quotas[label!.Value] < lowest[label.Value]) is { } poor
            && all.Where(label => quotas[label!.Value] > lowest[label.Value]).MaxBy(Excess) is { } rich)
            (quotas[poor], quotas[rich]) = (quotas[poor] + 1, quotas[rich] - 1);
        while (all.FirstOrDefault(label => quotas[label!.Value] > highest[label.Value]) is { } full
            && all.Where(label => quotas[label!.Value] < highest[label.Value]).MinBy(Excess) is { } open)
            (quotas[full], quotas[open]) = (quotas[full] - 1, quotas[open] + 1);
        return quotas;
    }

    private static int Lowest(int size, bool keepsOne) => keepsOne ? (size >= 2 ? 1 : 0) : Math.Min(size, 1);

    private static int Highest(int size, bool keepsOne) => keepsOne ? Math.Max(0, size - 1) : size;

    private static int[] Choose(ReadOnlySpan<int> labels, int classes, int count, bool keepsOne, RandomStream random)
    {
        if (count < 0 || count > labels.Length)
            throw new BadOptionException($"cannot take {count} examples of {labels.Length}: choose a number from 0 to {labels.Length}");
        List<int>[] members = GroupByLabel(labels, classes);
        int[] quotas = Quotas(Array.ConvertAll(members, list => list.Count), count, keepsOne);
        var chosen = new List<int>(count);
        for (int label = 0; label < classes; label++)
        {
            int[] shuffled = [.. members[label]];
            random.Shuffle<int>(shuffled);
            chosen.AddRange(shuffled.AsSpan(0, quotas[label]));
        }
        chosen.Sort();
        return [.. chosen];
    }

    private static List<int>[] GroupByLabel(ReadOnlySpan<int> labels, int classes)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        var members = new List<int>[classes];
        for (int label = 0; label < classes; label++) members[label] = [];
        for (int i = 0; i < labels.Length; i++)
        {
            if ((uint)labels[i] >= (uint)classes)
                throw new ArgumentOutOfRangeException(nameof(labels), labels[i], $"label {i} is outside the {classes} classes");
            members[labels[i]].Add(i);
        }
        return members;
    }

    // Largest remainder (Hamilton): a class never gets more than it has, because its exact share is not above that.
    private static int[] LargestRemainders(int[] sizes, int count)
    {
        long total = Math.Max(1, sizes.Sum(size => (long)size));
        int[] quotas = Array.ConvertAll(sizes, size => (int)((long)size * count / total));
        int left = count - quotas.Sum();
        int[] byRemainder = [.. Enumerable.Range(0, sizes.Length).OrderByDescending(label => (long)sizes[label] * count % total)];
        foreach (int label in byRemainder.AsSpan(0, left)) quotas[label]++;
        return quotas;
    }
}
