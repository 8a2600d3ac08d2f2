using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class StratifiedSplitTests
{
    private static readonly Gen<(int[] Labels, int Share, long Seed)> s_cases =
        Gen.Select(Gen.Int[0, 6].Array[0, 200], Gen.Int[0, 1000], Gen.Long);

    [Fact]
    public void Split_IsAPartition_Sorted_AndProportional_WithEveryClassInBoth() => s_cases.Sample((labels, share, seed) =>
    {
        int heldOut = labels.Length * share / 1000;
        (int[] train, int[] held) = StratifiedSplit.Split(labels, 7, heldOut, RandomStream.Derive(seed, "split"));
        Assert.Equal(heldOut, held.Length);
        Assert.Equal(Enumerable.Range(0, labels.Length), train.Concat(held).Order());
        Assert.Equal(train.Order(), train);
        Assert.Equal(held.Order(), held);
        int[] sizes = [.. Enumerable.Range(0, 7).Select(label => labels.Count(l => l == label))];
        int[] quotas = [.. Enumerable.Range(0, 7).Select(label => held.Count(i => labels[i] == label))];
        // Without classes too small for their share to be a whole example, every class is within one of it.
        double[] exact = [.. sizes.Select(size => (double)size * heldOut / Math.Max(1, labels.Length))];
        if (Enumerable.Range(0, 7).All(label => exact[label] >= 1 && sizes[label] - exact[label] >= 1))
            for (int label = 0; label < 7; label++) Assert.InRange(quotas[label] - exact[label], -0.9999999, 0.9999999);
        // In both parts where there are enough, and in training first.
        if (heldOut >= sizes.Count(size => size >= 2) && heldOut <= sizes.Sum(size => Math.Max(0, size - 1)))
            for (int label = 0; label < 7; label++)
                Assert.InRange(quotas[label], Math.Min(1, sizes[label] / 2), Math.Max(0, sizes[label] - 1));
    }, iter: 300);

    [Fact]
    public void LargestRemainders_GetTheExamplesLeftOver()
    {
        // Shares of 5 among 1, 4, 5: 0.5, 2.0, 2.5; the tie goes to the lower label.
        int[] labels = [0, 1, 1, 1, 1, 2, 2, 2, 2, 2];
        int[] chosen = StratifiedSplit.Subset(labels, 3, 5, RandomStream.Derive(0, "x"));
        Assert.Equal([1, 2, 2], Enumerable.Range(0, 3).Select(label => chosen.Count(i => labels[i] == label)));
    }

    // 1,000 cats and 3 dogs: without the rule all dogs train, and every network that says "cat" scores 100%.
    [Fact]
    public void RareClass_IsInBothParts_AndASingleExampleTrains()
    {
        int[] labels = [.. Enumerable.Repeat(0, 1000), 1, 1, 1, 2];
        (int[] train, int[] held) = StratifiedSplit.Split(labels, 3, 100, RandomStream.Derive(0, "x"));
        Assert.Equal([99, 1, 0], Enumerable.Range(0, 3).Select(label => held.Count(i => labels[i] == label)));
        Assert.Equal([901, 2, 1], Enumerable.Range(0, 3).Select(label => train.Count(i => labels[i] == label)));
        Assert.Equal(3, StratifiedSplit.Subset(labels, 3, 100, RandomStream.Derive(0, "x")).Select(i => labels[i]).Distinct().Count());
    }

    [Fact]
    public void SameStream_SameChoice_OtherStream_AnotherChoice()
    {
        int[] labels = [.. Enumerable.Range(0, 1000).Select(i => i % 10)];
        int[] Choose(long seed) => StratifiedSplit.Subset(labels, 10, 100, RandomStream.Derive(seed, "x"));
        Assert.Equal(Choose(1), Choose(1));
        Assert.NotEqual(Choose(1), Choose(2));
    }

    [Fact]
    public void EveryExample_IsEquallyLikely()
    {
        int[] labels = [.. Enumerable.Range(0, 20).Select(i => i % 2)];
        int[] counts = new int[20];
        RandomStream random = RandomStream.Derive(5, "x");
        for (int i = 0; i < 4000; i++)
            foreach (int chosen in StratifiedSplit.Subset(labels, 2, 4, random)) counts[chosen]++;
        // Binomial, n = 4000, p = 0.2: mean 800, deviation 25.3; five deviations.
        Assert.All(counts, count => Assert.InRange(count, 673, 927));
    }

    [Fact]
    public void LargeCounts_DoNotOverflow()
    {
        int[] labels = [.. Enumerable.Range(0, 1_300_000).Select(i => i % 2)];
        Assert.Equal(650_000, StratifiedSplit.Subset(labels, 2, 650_000, RandomStream.Derive(0, "x")).Length);
    }

    [Fact]
    public void BadArguments()
    {
        RandomStream random = RandomStream.Derive(0, "x");
        Assert.Throws<BadOptionException>(() => StratifiedSplit.Subset([0, 1], 2, 3, random));
        Assert.Throws<BadOptionException>(() => StratifiedSplit.Split([0, 1], 2, -1, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSplit.Subset([0, 2], 2, 1, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSplit.Subset([0, -1], 2, 1, random));
        Assert.Throws<ArgumentOutOfRangeException>(() => StratifiedSplit.Subset([], 0, 0, random));
    }
}
