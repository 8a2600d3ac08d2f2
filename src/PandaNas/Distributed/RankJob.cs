using System.Text;

namespace PandaNas.Distributed;

/// <summary>
/// This process as a part of a job of several: what stops one stops all, and what fails on one ends all with one message, which rank 0
/// says.
/// </summary>
internal sealed class RankJob : IDisposable
{
    // How often a rank looks for the word to stop, or rank 0 for failures.
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(50);

    // Whoever fails then speaks for itself: rank 0 is gone, or waits for a rank that will never answer.
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(3);

    // MPICH's launcher, once it aborts a job, does not pass on what it has not read by then.
    private static readonly TimeSpan TimeToPassOn = TimeSpan.FromMilliseconds(300);

    // After the word to stop: by then a rank that is there has answered, and one that computes a step has come to the others.
    private static readonly TimeSpan UsualPatienceWithOthers = TimeSpan.FromSeconds(5);

    // A wait for the others is hopeless when it is so many times as long as any before.
    private const int TimesTheLongest = 3;

    private readonly TimeSpan _patience, _patienceWithOthers;
    private readonly TimeProvider _clock;
    private readonly bool[] _hasAnswered;
    private readonly CancellationTokenSource _stop;
    private readonly Action<string> _say;
    private readonly CancellationTokenRegistration _passOn;
    private readonly Thread _watch, _await;
    private readonly Lock _passingOn = new();
    private readonly ManualResetEvent _over = new(false);
    private volatile bool _isLeaving, _isSaidByOthers;
    private bool _hasPassedOn;
    private int _hasFailed;

    /// <summary>Begins to watch the other ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="stop">What asks the work of this process to save and stop: cancelled on all ranks when it is on one.</param>
    /// <param name="say">Writes a message where people see it.</param>
    /// <param name="clock">Measures how long others do not answer.</param>
    /// <param name="patience">How long a rank that fails waits for rank 0 to end the job; null is the usual.</param>
    /// <param name="patienceWithOthers">How long ranks may take to answer the word to stop; null is the usual.</param>
    public RankJob(
        ICommunicator ranks, CancellationTokenSource stop, Action<string> say, TimeProvider clock, TimeSpan? patience = null,
        TimeSpan? patienceWithOthers = null)
    {
        (Ranks, _stop, _say, _clock, _patience) = (ranks, stop, say, clock, patience ?? UsualPatience);
        _patienceWithOthers = patienceWithOthers ?? UsualPatienceWithOthers;
        _hasAnswered = new bool[ranks.Size];
        _hasAnswered[ranks.Rank] = true;
        _watch = new Thread(Watch) { IsBackground = true, Name = "watch the other ranks" };
        _watch.Start();
        _passOn = stop.Token.Register(PassOn);
        _await = new Thread(AwaitOthers) { IsBackground = true, Name = "wait for the other ranks to stop" };
        _await.Start(stop.Token);
    }

    /// <summary>The ranks.</summary>
    public ICommunicator Ranks { get; }

    /// <summary>Whether this process does what rank 0 asks for, and neither writes nor says anything by itself.</summary>
    public bool IsWorker => Ranks.Rank > 0;

    /// <summary>Ends the job on all ranks with one message, that of whoever fails first.</summary>
    /// <param name="exitCode">The exit code of the job.</param>
    /// <param name="cause">What is wrong and what to do about it.</param>
    public void Fail(int exitCode, string cause)
    {
        string message = $"rank {Ranks.Rank} of {Ranks.Size} on {Environment.MachineName}: {cause}";
        if (IsWorker)
        {
            try
            {
                Ranks.Send(0, Messages.Failure, [(byte)exitCode, .. Encoding.UTF8.GetBytes(message)]);
                Thread.Sleep(_patience);
            }
            catch (RunFailedException)
            {
                // Nobody hears it; it is said here.
            }
        }
        End(exitCode, message);
    }

    /// <summary>Leaves the job in order, after all work is done or saved; waits for the other ranks to do so.</summary>
    /// <param name="exitCode">The exit code of this process.</param>
    public void Finish(int exitCode = 0)
    {
        _isLeaving = true;
        // Told before it leaves, also where another thread was about to: afterwards nobody reads it.
        if (_stop.IsCancellationRequested) PassOn();
        // Watched until then: another rank may fail yet.
        Ranks.LeaveTogether();
        EndWatch();
        Ranks.Finish(exitCode);
    }

    /// <summary>Ends the watch.</summary>
    public void Dispose() => EndWatch();

    private bool IsOver => _over.WaitOne(0);

    private void EndWatch()
    {
        _over.Set();
        _passOn.Dispose();
        foreach (Thread thread in (Thread[])[_watch, _await])
            if (Thread.CurrentThread != thread) thread.Join();
    }

    private void Watch()
    {
        try
        {
            while (!IsOver)
            {
                ReadStops();
                if (!IsWorker && Ranks.TryReceive(Messages.Failure, out _, out byte[] failure))
                    End(failure[0], Encoding.UTF8.GetString(failure.AsSpan(1)));
                if (IsWorker && Ranks.TryReceive(Messages.End, out _, out byte[] end)) EndWithRankZero(end[0]);
                _over.WaitOne(BetweenLooks);
            }
            // What came since the last look, so that nothing is left unread.
            ReadStops();
        }
        catch (RunFailedException error)
        {
            End(1, error.Message);
        }
    }

    // The launcher ends this process before that, unless it is one that does not, as srun; and before it has spoken for itself.
    private void EndWithRankZero(int exitCode)
    {
        _isSaidByOthers = true;
        if (!_over.WaitOne(_patience / 3)) End(exitCode, string.Empty);
    }

    private void ReadStops()
    {
        while (Ranks.TryReceive(Messages.Stop, out int from, out _))
        {
            Volatile.Write(ref _hasAnswered[from], true);
            _stop.Cancel();
        }
    }

    // A rank's own signal reaches rank 0, which tells all; what it then hears from each is its answer.
    private void PassOn()
    {
        lock (_passingOn)
        {
            if (IsOver || _hasPassedOn) return;
            _hasPassedOn = true;
            for (int rank = IsWorker ? 0 : 1; rank < (IsWorker ? 1 : Ranks.Size); rank++) Ranks.Send(rank, Messages.Stop, []);
        }
    }

    // Without this, what a launcher stops because one rank is dead waits for that one until it is killed: under Slurm after half a minute.
    private void AwaitOthers(object? stop)
    {
        var token = (CancellationToken)stop!;
        if (WaitHandle.WaitAny([token.WaitHandle, _over]) > 0) return;
        long asked = _clock.GetTimestamp();
        while (!_over.WaitOne(BetweenLooks))
        {
            if (_clock.GetElapsedTime(asked) < _patienceWithOthers || Missing() is not { } missing) continue;
            // All who are left notice it at the same time; one message is enough.
            _isSaidByOthers |= Ranks.Rank > 1;
            End(
                1,
                $"rank {Ranks.Rank} of {Ranks.Size} on {Environment.MachineName}: {missing} does not answer: it was killed, or its machine "
                + "is lost. What was saved can be continued");
            return;
        }
    }

    private string? Missing()
    {
        // Who waits for the others in the middle of a step can neither hear nor answer.
        CollectiveTime time = Ranks.Time;
        if (time.Count > 0 && !_isLeaving)
            return time.Current is { } current && current >= _patienceWithOthers && current >= TimesTheLongest * time.Longest
                ? "another rank"
                : null;
        // A worker hears from rank 0 alone.
        int missing = Enumerable.Range(0, IsWorker ? 1 : Ranks.Size).FirstOrDefault(rank => !Volatile.Read(ref _hasAnswered[rank]), -1);
        return missing < 0 ? null : $"rank {missing}";
    }

    private void End(int exitCode, string message)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) == 1) return;
        if (!_isSaidByOthers) _say(message);
        // On a thread of its own, because another may hold MPI in a wait for a rank that is lost.
        if (!IsWorker) new Thread(() => TellOfTheEnd(exitCode)) { IsBackground = true, Name = "tell the other ranks of the end" }.Start();
        Thread.Sleep(TimeToPassOn);
        Ranks.Abort(exitCode);
    }

    private void TellOfTheEnd(int exitCode)
    {
        for (int rank = 1; rank < Ranks.Size; rank++)
        {
            try
            {
                Ranks.Send(rank, Messages.End, [(byte)exitCode]);
            }
            catch (RunFailedException)
            {
                // This one is gone.
            }
        }
    }
}
