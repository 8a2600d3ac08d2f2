using System.Collections.Concurrent;
using PandaNas.Distributed;

namespace PandaNas.Tests.Distributed;

public sealed class RankJobTests : IDisposable
{
    private readonly ConcurrentQueue<string> _said = new();
    // The rank that answers nothing has stopped listening: before, it would answer.
    private readonly ManualResetEventSlim _isGone = new();

    public void Dispose() => _isGone.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void AStopOnOneRank_StopsAll(int stopped)
    {
        int saved = 0;
        Run(3, (job, stop) =>
        {
            if (job.Ranks.Rank == stopped) stop.Cancel();
            if (stop.Token.WaitHandle.WaitOne(TimeSpan.FromSeconds(30))) Interlocked.Increment(ref saved);
            job.Finish();
            // Nothing is left that nobody reads.
            Assert.DoesNotContain(Enumerable.Range(0, 10), tag => job.Ranks.TryReceive(tag, out _, out _));
        }).Dispose();
        Assert.Equal(3, saved);
        Assert.Empty(_said);
    }

    [Fact]
    public void AFailure_IsSaidByRankZero_AndEndsAllWithItsExitCode()
    {
        using InProcessRanks ranks = Run(3, (job, _) =>
        {
            // As an aborted process does, it does not go on.
            if (job.IsWorker) job.Fail(3, $"cannot read 'images/{job.Ranks.Rank}'");
            else while (_said.IsEmpty) Thread.Sleep(1);
        });
        Assert.Matches($"^rank [12] of 3 on {Environment.MachineName}: cannot read 'images/[12]'$", _said.First(said => said[0] != '('));
        Assert.Single(_said, said => said[0] != '(');
        Assert.Contains(3, ranks.Aborted);
    }

    [Fact]
    public void WhereRankZeroIsGone_WhoFailsSpeaksForItself()
    {
        using var isGone = new ManualResetEventSlim();
        using InProcessRanks ranks = Run(2, (job, _) =>
        {
            if (job.IsWorker)
            {
                isGone.Wait(TestContext.Current.CancellationToken);
                job.Fail(1, "no memory");
                return;
            }
            job.Dispose();
            isGone.Set();
        });
        Assert.Equal([$"(1) rank 1 of 2 on {Environment.MachineName}: no memory"], _said);
        Assert.Equal([1], ranks.Aborted);
    }

    // As one that was killed, it answers nothing; the others are stopped by their launcher.
    [Fact]
    public void ARankThatDoesNotAnswerTheWordToStop_IsNamed_AndEndsTheJob()
    {
        using InProcessRanks ranks = Run(3, (job, stop) =>
        {
            if (job.Ranks.Rank == 1) Leave(job);
            if (job.Ranks.Rank > 0) return;
            _isGone.Wait(TestContext.Current.CancellationToken);
            stop.Cancel();
            while (_said.IsEmpty) Thread.Sleep(1);
        }, answers: TimeSpan.FromMilliseconds(200));
        Assert.Contains("rank 1 does not answer", Assert.Single(_said), StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => ranks.Aborted.SequenceEqual([1]), TimeSpan.FromSeconds(30)));
    }

    // It would wait for ever, where no launcher ends it.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AWorkerWithoutAnswerOfRankZero_EndsItself(bool hasTrained)
    {
        using InProcessRanks ranks = Run(3, (job, stop) =>
        {
            var all = ((InProcessRanks.Place)job.Ranks).All;
            if (!job.IsWorker) Leave(job);
            if (hasTrained) job.Ranks.Gather([1], new float[3]);
            if (job.IsWorker)
            {
                _isGone.Wait(TestContext.Current.CancellationToken);
                stop.Cancel();
                job.Finish();
                return;
            }
            Assert.True(SpinWait.SpinUntil(() => all.Aborted.Count == 2, TimeSpan.FromSeconds(30)));
            // So that this test ends: processes would have ended by then.
            job.Ranks.LeaveTogether();
        }, answers: TimeSpan.FromMilliseconds(200));
        Assert.StartsWith("(1) rank 1 of 3", Assert.Single(_said), StringComparison.Ordinal);
        Assert.Contains("rank 0 does not answer", _said.First(), StringComparison.Ordinal);
        Assert.Equal([1, 1], ranks.Aborted);
    }

    // Where no launcher ends the others.
    [Fact]
    public void WhatRankZeroEnds_EndsForTheOthersToo_WhoSayNothing()
    {
        using InProcessRanks ranks = Run(3, (job, stop) =>
        {
            var all = ((InProcessRanks.Place)job.Ranks).All;
            if (job.Ranks.Rank == 1) Leave(job);
            _isGone.Wait(TestContext.Current.CancellationToken);
            if (!job.IsWorker) stop.Cancel();
            // Both: rank 0, and 2, which it tells.
            Assert.True(SpinWait.SpinUntil(() => all.Aborted.Count == 2, TimeSpan.FromSeconds(30)));
        }, answers: TimeSpan.FromMilliseconds(200));
        Assert.Contains("rank 1 does not answer", Assert.Single(_said), StringComparison.Ordinal);
        Assert.Equal([1, 1], ranks.Aborted);
    }

    // Rank 1 never comes to where the other waits.
    [Fact]
    public void AWaitForTheOthersWithoutAnEnd_EndsTheJob_OnceThatIsAskedToStop()
    {
        using InProcessRanks ranks = Run(2, (job, stop) =>
        {
            var all = new float[2];
            job.Ranks.Gather([1], all);
            if (job.Ranks.Rank > 0)
            {
                job.Dispose();
                while (_said.IsEmpty) Thread.Sleep(1);
            }
            else
            {
                stop.CancelAfter(10);
            }
            job.Ranks.Gather([1], all);
        }, answers: TimeSpan.FromMilliseconds(200));
        Assert.Contains("another rank does not answer", Assert.Single(_said), StringComparison.Ordinal);
        Assert.True(SpinWait.SpinUntil(() => ranks.Aborted.SequenceEqual([1]), TimeSpan.FromSeconds(30)));
    }

    private void Leave(RankJob job)
    {
        job.Dispose();
        _isGone.Set();
    }

    // What others than rank 0 say is marked. Aborting ends no thread, so they speak for themselves after their patience.
    private InProcessRanks Run(
        int size, Action<RankJob, CancellationTokenSource> body, TimeSpan? answers = null) => InProcessRanks.Run(size, ranks =>
    {
        using var stop = new CancellationTokenSource();
        using var job = new RankJob(
            ranks, stop, said => _said.Enqueue(ranks.Rank == 0 ? said : $"({ranks.Rank}) {said}"), TimeProvider.System,
            TimeSpan.FromMilliseconds(200), answers);
        body(job, stop);
    });
}
