using PandaNas.Data.Reading;

namespace PandaNas.Tests.Data.Reading;

public sealed class DecodeWorkersTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public void EveryItem_IsDoneOnce(int count)
    {
        using var workers = new DecodeWorkers(count);
        int[] done = new int[1000];
        DecodeJob[] jobs =
            [.. Enumerable.Range(0, 10).Select(job => workers.Start(100, (item, _) => Interlocked.Increment(ref done[100 * job + item])))];
        foreach (DecodeJob job in jobs) job.Finish();
        Assert.All(done, times => Assert.Equal(1, times));
    }

    [Fact]
    public void TheFirstItemsError_IsThrown_AndTheWorkersGoOn()
    {
        using var workers = new DecodeWorkers(4);
        for (int run = 0; run < 20; run++)
        {
            DecodeJob job = workers.Start(50, (item, _) => { if (item % 10 == 7) throw new BadDataException($"item {item}"); });
            Assert.Equal("item 7", Assert.Throws<BadDataException>(job.Finish).Message);
        }
        workers.Start(5, (_, _) => { }).Finish();
    }

    [Fact]
    public async Task Disposal_EndsWhoeverWaits()
    {
        var workers = new DecodeWorkers(2);
        using var begun = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        DecodeJob first = workers.Start(1, (_, _) =>
        {
            begun.Set();
            goOn.Wait(TestContext.Current.CancellationToken);
        });
        DecodeJob second = workers.Start(1000, (_, _) => goOn.Wait(TestContext.Current.CancellationToken));
        begun.Wait(TestContext.Current.CancellationToken);
        Task ending = Task.Run(workers.Dispose, TestContext.Current.CancellationToken);
        SpinWait.SpinUntil(() => IsEnding(workers));
        goOn.Set();
        await ending;
        first.Finish();
        Assert.Throws<OperationCanceledException>(second.Finish);
        Assert.Throws<ObjectDisposedException>(() => workers.Start(1, (_, _) => { }));
    }

    private static bool IsEnding(DecodeWorkers workers)
    {
        try
        {
            workers.Start(1, (_, _) => { });
            return false;
        }
        catch (ObjectDisposedException)
        {
            return true;
        }
    }
}
