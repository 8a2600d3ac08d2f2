using CsCheck;
using PandaNas.Data;
using PandaNas.Sampling;

namespace PandaNas.Tests.Data;

public sealed class StratifiedSplitTests
{
    private static readonly Gen<(int[] Labels, int Share, long Seed)> s_cases = Gen.Select(Gen.Int[0, 6].Array[0, 200], Gen.Int[0, 1000], Gen.Long);

    [Fact]
    public void Split_IsAPartition_Sorted_AndProportionalToWithinOneAClass() => s_cases.Sample((labels, share, seed) =>
    {
        int heldOut = labels.Length * share / 1000;
        (int[] train, int[] held) = StratifiedSplit.Split(labels, 7, heldOut, RandomStream.Derive(seed, "split"));
        Assert.Equal(heldOut, held.Length);
        Assert.Equal(Enumerable.Range(0, labels.Length), train.Concat(held).Order());
        Assert.Equal(train.Order(), train);
        Assert.Equal(held.Order(), held);
        for (int label = 0; label < 7; label++)
        {
            double exact = (double)labels.Count(l => l == label) * heldOut / Math.Max(1, labels.Length);
            Assert.InRange(held.Count(i => labels[i] == label) - exact, -0.9999999, 0.9999999);
        }
    }, iter: 300);

    [Fact]
    public void LargestRemainders_GetTheExamplesLeftOver()
    {
        // Shares of 5 among 1, 4, 5: 0.5, 2.0, 2.5; the tie goes to the lower label.
        int[] labels = [0, 1, 1, 1, 1, 2, 2, 2, 2, 2];
        int[] chosen = StratifiedSplit.Subset(labels, 3, 5, RandomStream.Derive(0, "x"));
        Assert.Equal([1, 2, 2], Enumerable.Range(0, 3).Select(label => chosen.Count(i => labels[i] == label)));
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
