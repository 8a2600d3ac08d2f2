using System.Collections.Concurrent;
using PandaNas.Distributed;
using PandaNas.Sampling;

namespace PandaNas.Tests.Distributed;

public sealed class MessagesTests
{
    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 1)]
    [InlineData(3, 100)]
    [InlineData(5, 33)]
    public void Sums_AreThoseInTheOrderOfRanks_BitForBit_OnEveryRank(int size, int count)
    {
        // Of such different magnitudes that any other order gives other bits.
        float[][] given =
        [
            .. Enumerable.Range(0, size).Select(rank =>
            {
                RandomStream random = RandomStream.Derive(rank, "sum");
                return Enumerable.Range(0, count).Select(_ => (float)Math.Exp((random.NextDouble() - 0.5) * 20)).ToArray();
            }),
        ];
        float[] expected =
            [.. Enumerable.Range(0, count).Select(i => given.Select(values => values[i]).Aggregate((sum, one) => sum + one))];
        var sums = new ConcurrentBag<float[]>();
        InProcessRanks.Run(size, ranks =>
        {
            // What an earlier, longer sum left must not count.
            var sum = new RankSum(ranks);
            sum.Begin(count + 7).Fill(1000);
            sum.Finish();
            given[ranks.Rank].CopyTo(sum.Begin(count));
            sums.Add(sum.Finish().ToArray());
        }).Dispose();
        Assert.Equal(size, sums.Count);
        Assert.All(sums, one => Assert.Equal(expected, one));
    }

    [Fact]
    public void OnlyRankZeroMakesWhatIsBroadcast()
    {
        var told = new ConcurrentBag<string>();
        InProcessRanks.Run(3, ranks => told.Add(ranks.Broadcast(
            () => ranks.Rank == 0 ? "größer" : throw new InvalidOperationException(), TestContext.Current.CancellationToken))).Dispose();
        Assert.Equal(["größer", "größer", "größer"], told);
    }

    [Fact]
    public void WhatDiffersFromRankZero_IsNamed()
    {
        BadDataException error = Assert.Throws<BadDataException>(() => InProcessRanks.Run(3, ranks => ranks.RequireSame(
            [("the version", "1"), ("the number of threads", ranks.Rank == 2 ? "4" : "1")], TestContext.Current.CancellationToken)));
        Assert.StartsWith("the number of threads is '4' here and '1' on rank 0: ", error.Message, StringComparison.Ordinal);
    }
}
