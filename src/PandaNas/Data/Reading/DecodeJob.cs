using System.Runtime.ExceptionServices;

namespace PandaNas.Data.Reading;

/// <summary>Numbered items that workers do, in order of their numbers but several at a time.</summary>
/// <param name="items">How many, at least 1.</param>
/// <param name="work">Does an item; must not touch tensors, whose scopes belong to the thread that made them.</param>
internal sealed class DecodeJob(int items, Action<int, ImageWorkspace> work)
{
    private readonly Lock _errorLock = new();
    private readonly ManualResetEventSlim _finished = new();
    private ExceptionDispatchInfo? _error;
    private int _failed = int.MaxValue, _next, _done;
    private volatile bool _cancelled;

    /// <summary>Items that are done.</summary>
    public int Done => Volatile.Read(ref _done);

    /// <summary>Takes the next item; the workers' lock is held.</summary>
    /// <param name="isLast">Whether it is the last one.</param>
    public int Take(out bool isLast)
    {
        int item = _next++;
        isLast = _next == items;
        return item;
    }

    /// <summary>Does an item, unless the job is cancelled; never throws.</summary>
    public void Run(int item, ImageWorkspace workspace)
    {
        try
        {
            if (!_cancelled) work(item, workspace);
        }
        catch (Exception error)
        {
            // Of several the first item's, so that the same error is reported whatever the threads do.
            lock (_errorLock)
            {
                if (item < _failed) (_failed, _error) = (item, ExceptionDispatchInfo.Capture(error));
            }
        }
        if (Interlocked.Increment(ref _done) == items) _finished.Set();
    }

    /// <summary>Leaves out what is not begun.</summary>
    public void Cancel() => _cancelled = true;

    /// <summary>Waits until no item is being done.</summary>
    /// <returns>Whether that was within the time.</returns>
    public bool WaitFor(TimeSpan time) => _finished.Wait(time);

    /// <summary>Waits for all items, and throws what the first of those that failed has thrown.</summary>
    /// <exception cref="OperationCanceledException">The job was cancelled.</exception>
    public void Finish()
    {
        _finished.Wait();
        if (_cancelled) throw new OperationCanceledException("the images are no longer wanted");
        _error?.Throw();
    }
}
