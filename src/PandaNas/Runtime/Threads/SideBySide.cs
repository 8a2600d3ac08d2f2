using System.Runtime.ExceptionServices;
using TorchSharp;

namespace PandaNas.Runtime.Threads;

/// <summary>
/// Computes things that do not depend on one another several at a time, each with its share of torch's threads. Two threads compute one
/// small network hardly faster than one does, but two networks in the time of one.
/// </summary>
/// <remarks>
/// How many threads compute one thing decides its bits. It depends on the number of torch's threads and on the size of a thing, never on
/// how many are asked for together.
/// </remarks>
/// <param name="bytes">What computing one thing takes of memory at most, in bytes.</param>
internal sealed class SideBySide(long bytes)
{
    // All of them together may take so much more than one would.
    private const long MostBytes = 4L << 30;

    [ThreadStatic]
    private static bool _isInside;

    /// <summary>One after the other, each with all of torch's threads, on the thread that asks.</summary>
    public static SideBySide OneByOne { get; } = new(long.MaxValue);

    /// <summary>Computes things; those of one call must be able to run on different threads at a time.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="compute">
    /// Computes one, in dispose scopes of its own; may ask for more things, which are then computed one by one.
    /// </param>
    /// <param name="done">Takes one after the other in their order, on the thread that asks.</param>
    /// <param name="stop">Asks to stop before the next thing; things that were not taken yet are lost.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Run<T>(int count, Func<int, T> compute, Action<int, T> done, CancellationToken stop)
    {
        int threads = torch.get_num_threads();
        int most = _isInside ? 1 : (int)Math.Clamp(MostBytes / Math.Max(bytes, 1), 1, threads);
        if (most == 1)
        {
            for (int i = 0; i < count; i++)
            {
                stop.ThrowIfCancellationRequested();
                done(i, compute(i));
            }
            return;
        }
        using var round = new Round<T>(count, compute, done, stop);
        // Each thread has a number of its own; new threads take over the one that was set last.
        Begin(threads / most);
        try
        {
            round.Run(Math.Min(most, count) - 1, threads / most);
        }
        finally
        {
            _isInside = false;
            torch.set_num_threads(threads);
        }
    }

    /// <summary>Computes one thing as if it were one of many.</summary>
    public T Alone<T>(Func<T> compute)
    {
        T result = default!;
        Run(1, _ => compute(), (_, computed) => result = computed, CancellationToken.None);
        return result;
    }

    private static void Begin(int threads)
    {
        _isInside = true;
        torch.set_num_threads(threads);
    }

    /// <summary>The things of one call.</summary>
    private sealed class Round<T>(int count, Func<int, T> compute, Action<int, T> done, CancellationToken stop) : IDisposable
    {
        private readonly CancellationTokenSource _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        private readonly (bool IsThere, T Value)[] _computed = new (bool, T)[count];
        private readonly Lock _lock = new();
        private int _next, _taken;
        private ExceptionDispatchInfo? _error;

        public void Run(int helpers, int threadsOfEach)
        {
            Thread[] threads = [.. Enumerable.Range(0, Math.Max(helpers, 0)).Select(_ => new Thread(() => Help(threadsOfEach))
            {
                IsBackground = true,
                Name = "compute side by side",
            })];
            foreach (Thread thread in threads) thread.Start();
            try
            {
                while (ComputeNext()) TakeWhatIsThere();
            }
            finally
            {
                // Those who still compute are waited for: what they use may be gone afterwards.
                if (Volatile.Read(ref _next) < count) _end.Cancel();
                foreach (Thread thread in threads) thread.Join();
            }
            TakeWhatIsThere();
            _error?.Throw();
            if (_taken < count) stop.ThrowIfCancellationRequested();
        }

        public void Dispose() => _end.Dispose();

        private void Help(int threads)
        {
            Begin(threads);
            while (ComputeNext())
            {
            }
        }

        private bool ComputeNext()
        {
            if (_end.IsCancellationRequested) return false;
            int i = Interlocked.Increment(ref _next) - 1;
            if (i >= count) return false;
            try
            {
                T value = compute(i);
                lock (_lock) _computed[i] = (true, value);
                return true;
            }
            catch (Exception error)
            {
                lock (_lock) _error ??= ExceptionDispatchInfo.Capture(error);
                _end.Cancel();
                return false;
            }
        }

        private void TakeWhatIsThere()
        {
            while (_taken < count && IsThere(_taken, out T value)) done(_taken++, value);
        }

        private bool IsThere(int i, out T value)
        {
            lock (_lock)
            {
                value = _computed[i].Value;
                return _computed[i].IsThere;
            }
        }
    }
}
