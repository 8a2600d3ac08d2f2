using PandaNas.Runtime.Threads;

namespace PandaNas.Data.Reading;

/// <summary>
/// Threads that decode images, job after job. They yield to torch's threads (<see cref="YieldingThread"/>), so one per processor does
/// not slow torch down, and while torch waits for a batch all processors decode.
/// </summary>
internal sealed class DecodeWorkers : IDisposable
{
    private readonly object _lock = new();
    private readonly Queue<DecodeJob> _jobs = new();
    private readonly Thread[] _threads;
    private bool _ending;

    /// <summary>Starts the threads.</summary>
    /// <param name="count">How many; 0 is one per processor.</param>
    /// <param name="yield">Whether they yield; not where they do all the work.</param>
    public DecodeWorkers(int count, bool yield = true)
    {
        if (count == 0) count = Environment.ProcessorCount;
        _threads = [.. Enumerable.Range(0, count).Select(number => YieldingThread.Start($"decoder {number}", Work, yield))];
    }

    /// <summary>Starts a job; it is done after those started earlier.</summary>
    /// <exception cref="ObjectDisposedException">The workers have ended.</exception>
    public DecodeJob Start(int items, Action<int, ImageWorkspace> work)
    {
        var job = new DecodeJob(items, work);
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(_ending, this);
            _jobs.Enqueue(job);
            Monitor.PulseAll(_lock);
        }
        return job;
    }

    /// <summary>Cancels all jobs and waits for the threads to end.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            _ending = true;
            foreach (DecodeJob job in _jobs) job.Cancel();
            Monitor.PulseAll(_lock);
        }
        foreach (Thread thread in _threads) thread.Join();
    }

    private void Work()
    {
        var workspace = new ImageWorkspace();
        while (Take(out int item) is { } job) job.Run(item, workspace);
    }

    // Null when the workers are to end and nothing is left, so that whoever waits for a job always hears of it.
    private DecodeJob? Take(out int item)
    {
        lock (_lock)
        {
            while (_jobs.Count == 0 && !_ending) Monitor.Wait(_lock);
            item = 0;
            if (!_jobs.TryPeek(out DecodeJob? job)) return null;
            item = job.Take(out bool isLast);
            if (isLast) _jobs.Dequeue();
            return job;
        }
    }
}
