using PandaNas.Runtime.Threads;
using static TorchSharp.torch;

namespace PandaNas.Tests.Runtime.Threads;

// They set the number of torch's threads, which is the process's.
[Collection(nameof(WholeProcess))]
public sealed class SideBySideTests : IDisposable
{
    private const int Threads = 4;

    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly int _before = get_num_threads();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public SideBySideTests() => set_num_threads(Threads);

    public void Dispose() => set_num_threads(_before);

    [Fact]
    public void SoManyAsThreads_AreComputedAtATime_EachWithOneOfThem()
    {
        using var all = new Barrier(Threads);
        int[] seen = Computed(new SideBySide(1), 3 * Threads, _ =>
        {
            Assert.True(all.SignalAndWait(Long, Token));
            return get_num_threads();
        });
        Assert.Equal(Enumerable.Repeat(1, 3 * Threads), seen);
        Assert.Equal(Threads, get_num_threads());
        Assert.Equal(Threads, OnNewThread(get_num_threads));
    }

    [Theory]
    [InlineData(1L << 30, 1)]
    [InlineData(1L << 31, 2)]
    [InlineData((1L << 31) + 1, Threads)]
    [InlineData(long.MaxValue, Threads)]
    public void LargeThings_AreFewerAtATime_WithMoreThreadsEach(long bytes, int threadsOfEach)
    {
        var things = new SideBySide(bytes);
        // Whether one is asked for or several decides no bits.
        foreach (int count in new[] { 1, 2, 9 })
            Assert.Equal(Enumerable.Repeat(threadsOfEach, count), Computed(things, count, _ => get_num_threads()));
        Assert.Equal(threadsOfEach, things.Alone(get_num_threads));
    }

    [Fact]
    public void Results_AreTakenInOrder_OnTheThreadThatAsks()
    {
        int here = Environment.CurrentManagedThreadId;
        var taken = new List<int>();
        using var last = new ManualResetEventSlim();
        new SideBySide(1).Run(40, i =>
        {
            // The first is there last.
            if (i == 39) last.Set();
            if (i == 0) Assert.True(last.Wait(Long, Token));
            return i * i;
        }, (i, square) =>
        {
            Assert.Equal((here, i * i), (Environment.CurrentManagedThreadId, square));
            // Who takes may ask for more, as anybody.
            Assert.Equal((Threads, 1), (get_num_threads(), new SideBySide(1).Alone(get_num_threads)));
            taken.Add(i);
        }, Token);
        Assert.Equal(Enumerable.Range(0, 40), taken);
        new SideBySide(1).Run(0, i => i, (_, _) => Assert.Fail("there is none"), Token);
    }

    [Fact]
    public void WhatIsAskedForWithin_IsComputedOneByOne()
    {
        var things = new SideBySide(1);
        int[] within = Computed(things, 8, i =>
        {
            int thread = Environment.CurrentManagedThreadId, sum = 0;
            things.Run(3, j => (j, Environment.CurrentManagedThreadId), (_, found) =>
            {
                Assert.Equal(thread, found.CurrentManagedThreadId);
                sum += found.j;
            }, Token);
            return sum + i;
        });
        Assert.Equal(Enumerable.Range(3, 8), within);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(17)]
    public void AnError_EndsAll_AndIsThrown(int bad)
    {
        int computed = 0;
        FormatException thrown = Assert.Throws<FormatException>(() => Computed(new SideBySide(1), 100_000, i =>
        {
            Interlocked.Increment(ref computed);
            if (i > bad) Thread.Sleep(1);
            return i == bad ? throw new FormatException("of one") : i;
        }));
        Assert.Equal("of one", thrown.Message);
        Assert.True(computed < 100_000);
        Assert.Equal(Threads, get_num_threads());
    }

    [Fact]
    public void WhatTakes_MayFailToo_AndNobodyComputesAfterwards()
    {
        int computing = 0;
        Assert.Throws<IOException>(() => new SideBySide(1).Run(100_000, i =>
        {
            Interlocked.Increment(ref computing);
            Thread.Yield();
            Interlocked.Decrement(ref computing);
            return i;
        }, (i, _) =>
        {
            if (i == 3) throw new IOException("no space");
        }, Token));
        Assert.Equal((0, Threads), (computing, get_num_threads()));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(long.MaxValue)]
    public void Stopped_WhatWasTakenIsTheBeginning(long bytes)
    {
        using var stop = new CancellationTokenSource();
        var taken = new List<int>();
        Assert.Throws<OperationCanceledException>(() => new SideBySide(bytes).Run(100_000, i =>
        {
            if (i > 5) Thread.Sleep(1);
            return i;
        }, (i, _) =>
        {
            taken.Add(i);
            if (i == 5) stop.Cancel();
        }, stop.Token));
        Assert.True(taken.Count is >= 6 and < 100_000);
        Assert.Equal(Enumerable.Range(0, taken.Count), taken);
    }

    private static T[] Computed<T>(SideBySide things, int count, Func<int, T> compute)
    {
        var results = new T[count];
        things.Run(count, compute, (i, result) => results[i] = result, Token);
        return results;
    }

    private static T OnNewThread<T>(Func<T> compute)
    {
        T result = default!;
        var thread = new Thread(() => result = compute());
        thread.Start();
        thread.Join();
        return result;
    }
}
