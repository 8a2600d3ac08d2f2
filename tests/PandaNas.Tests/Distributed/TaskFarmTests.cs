using System.Collections.Concurrent;
using PandaNas.Distributed;

namespace PandaNas.Tests.Distributed;

public sealed class TaskFarmTests
{
    [Theory]
    [InlineData(2, 0)]
    [InlineData(3, 1)]
    [InlineData(9, 1)]
    public void EveryTaskIsDoneOnce_RoundAfterRound(int size, int ahead)
    {
        var workedBy = new ConcurrentDictionary<int, ConcurrentBag<int>>();
        var results = new List<int[]>();
        InProcessRanks.Run(size, ranks =>
        {
            if (ranks.Rank > 0)
            {
                TaskFarm.Serve(ranks, (task, _) => Square(ranks.Rank, task), TestContext.Current.CancellationToken);
                return;
            }
            using var farm = new TaskFarm(ranks, ahead);
            foreach (int count in (int[])[20, 0, 1, 7])
            {
                var result = new int[count];
                farm.Run(
                    count, BitConverter.GetBytes, (i, _) => Square(0, BitConverter.GetBytes(i)),
                    (i, bytes) => result[i] += BitConverter.ToInt32(bytes), TestContext.Current.CancellationToken);
                results.Add(result);
            }
        }).Dispose();
        Assert.Equal([20, 0, 1, 7], results.Select(result => result.Length));
        Assert.All(results, result => Assert.Equal(Enumerable.Range(0, result.Length).Select(i => i * i), result));
        Assert.Equal(28, workedBy.Values.Sum(tasks => tasks.Count));
        // None waits while there is work: with 20 tasks each rank gets some.
        Assert.Equal(Enumerable.Range(0, size), workedBy.Keys.Order());

        byte[] Square(int rank, byte[] task)
        {
            int number = BitConverter.ToInt32(task);
            workedBy.GetOrAdd(rank, _ => []).Add(number);
            Thread.Sleep(5);
            return BitConverter.GetBytes(number * number);
        }
    }

    [Fact]
    public void ARankThatIsBusyForLong_KeepsNoTaskFromTheOthers()
    {
        var byTheSlow = 0;
        using var allElse = new CountdownEvent(19);
        InProcessRanks.Run(2, ranks =>
        {
            if (ranks.Rank > 0)
            {
                TaskFarm.Serve(
                    ranks,
                    (task, stop) =>
                    {
                        Interlocked.Increment(ref byTheSlow);
                        allElse.Wait(stop);
                        return [];
                    },
                    TestContext.Current.CancellationToken);
                return;
            }
            using var farm = new TaskFarm(ranks, ahead: 0);
            farm.Run(
                20, BitConverter.GetBytes,
                (_, stop) =>
                {
                    // Until the other one has its task.
                    while (Volatile.Read(ref byTheSlow) == 0 && !stop.IsCancellationRequested) Thread.Sleep(1);
                    return [];
                },
                (_, _) =>
                {
                    if (!allElse.IsSet) allElse.Signal();
                },
                TestContext.Current.CancellationToken);
        }).Dispose();
        Assert.Equal(1, byTheSlow);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFailureHere_EndsTheRoundWithIt(bool whileKeeping)
    {
        var error = new RunFailedException("the disk is full");
        RunFailedException thrown = Assert.Throws<RunFailedException>(() => InProcessRanks.Run(2, ranks =>
        {
            if (ranks.Rank > 0)
            {
                TaskFarm.Serve(ranks, (_, _) => [], TestContext.Current.CancellationToken);
                return;
            }
            using var farm = new TaskFarm(ranks, ahead: 1);
            farm.Run(
                10, BitConverter.GetBytes, (_, _) => whileKeeping ? [] : throw error,
                (_, _) =>
                {
                    if (whileKeeping) throw error;
                },
                TestContext.Current.CancellationToken);
        }));
        Assert.Same(error, thrown);
    }

    [Fact]
    public void AStop_EndsTheRoundHereAndThere()
    {
        using var stop = new CancellationTokenSource();
        int done = 0;
        Assert.Throws<OperationCanceledException>(() => InProcessRanks.Run(2, ranks =>
        {
            if (ranks.Rank > 0)
            {
                Assert.Throws<OperationCanceledException>(() => TaskFarm.Serve(ranks, (_, _) => [], stop.Token));
                return;
            }
            using var farm = new TaskFarm(ranks, ahead: 1);
            farm.Run(
                1000, BitConverter.GetBytes, (_, _) => [],
                (_, _) =>
                {
                    done++;
                    if (done == 10) stop.Cancel();
                },
                stop.Token);
        }));
        Assert.InRange(done, 10, 999);
    }
}
