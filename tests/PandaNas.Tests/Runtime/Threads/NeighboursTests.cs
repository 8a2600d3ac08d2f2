using PandaNas.Runtime.Threads;

namespace PandaNas.Tests.Runtime.Threads;

public sealed class NeighboursTests
{
    [Theory]
    [InlineData(2, 2, 0.0, false)]
    [InlineData(2, 2, 0.1, false)]
    [InlineData(2, 2, 1.0, true)]
    [InlineData(2, 2, 0.4, true)]
    // As many processors are left as torch wants.
    [InlineData(2, 1, 1.0, false)]
    [InlineData(16, 4, 11.9, false)]
    [InlineData(16, 4, 13.0, true)]
    // More threads than processors: their own crowd is no neighbour.
    [InlineData(2, 8, 0.0, false)]
    public void Crowd_IfOthersNeedWhatTorchNeeds(int processors, int threads, double others, bool expected)
    {
        var clock = new Readings(processors, threads);
        Assert.Equal(expected, clock.Go(1, own: 1.7, others));
    }

    [Fact]
    public void Crowd_IsOverOnlyWhenOthersHaveBeenGoneForAWhile()
    {
        var clock = new Readings(2, 2);
        Assert.True(clock.Go(1, 1, 1));
        Assert.True(clock.Go(1.5, 2, 0));
        Assert.True(clock.Go(1, 1, 1));
        Assert.True(clock.Go(1.5, 2, 0));
        Assert.False(clock.Go(2, 2, 0));
        Assert.True(clock.Go(1, 1, 1));
    }

    [Fact]
    public void Crowd_OfOneOddReading_IsNotSeen()
    {
        var clock = new Readings(2, 2);
        Assert.False(clock.Go(1, 2, 0));
        // A tenth of a second of something else, as the system's own work.
        Assert.False(clock.Go(0.1, 1, 1));
        Assert.False(clock.Go(1, 2, 0));
    }

    [Theory]
    [InlineData("0", new[] { 0 })]
    [InlineData("0-3,8", new[] { 0, 1, 2, 3, 8 })]
    public void Numbers_OfAList(string list, int[] expected) => Assert.Equal(expected, ProcessorLoad.Numbers(list));

    [Fact]
    public void BusySeconds_AreThoseOfTheProcessorsThatMayBeUsed()
    {
        string folder = Directory.CreateTempSubdirectory().FullName;
        try
        {
            string statistics = Path.Combine(folder, "stat"), status = Path.Combine(folder, "status");
            File.WriteAllText(statistics, """
                cpu  600 60 6 9999 9 0 0 0 0 0
                cpu0 100 10 1 5000 3 20 2 7 0 0
                cpu1 200 20 2 4999 3 0 0 0 0 0
                cpu2 300 30 3 1 3 0 0 0 0 0
                intr 1 2

                """);
            File.WriteAllText(status, "Name:\tx\nCpus_allowed_list:\t0,2\n");
            var load = new ProcessorLoad(statistics, status);
            Assert.Equal(2, load.Processors);
            Assert.Equal((100 + 10 + 1 + 20 + 2 + 300 + 30 + 3) / 100.0, load.BusySeconds(), 9);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(24L << 30, ulong.MaxValue, 12L << 30)]
    [InlineData(700L << 20, ulong.MaxValue, 0)]
    [InlineData(24L << 30, 64UL << 30, 0)]
    public void HeapInAdvance_IsAtMostHalfOfWhatThisProcessMayUse(long available, ulong addressSpace, long expected) =>
        Assert.Equal(expected, PandaNas.Runtime.Torch.NativeMemory.HeapInAdvance(available, addressSpace));

    private sealed class Readings(int processors, int threads)
    {
        private readonly Neighbours _neighbours = new(processors);
        private double _at, _busy, _own;

        public bool Go(double seconds, double own, double others)
        {
            bool crowded = false;
            for (double end = _at + seconds; _at < end - 1e-9;)
            {
                _at += 0.1;
                _own += 0.1 * own;
                _busy += 0.1 * (own + others);
                crowded = _neighbours.Crowd(new LoadReading(_at, _busy, _own), threads);
            }
            return crowded;
        }
    }
}
