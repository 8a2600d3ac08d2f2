using System.Runtime.ExceptionServices;
using TorchSharp;

namespace PandaNas.Runtime.Threads;

/// <summary>
/// Computes things that do not depend on one another several at a time, each with its share of torch's threads. Two threads compute one
/// small network hardly faster than one does, but two networks in the time of one.
/// </summary>
/// <remarks>
/// How many threads compute one thing decides its bits. It depends on the number of torch's threads and on the size of a thing, never on
/// how many are asked for together. A thread whose first use of torch falls into a <see cref="Run"/> has as few threads from then on.
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
        try
        {
            round.Run(Math.Min(most, count) - 1, threads / most, threads);
        }
        finally
        {
            Enter(false, threads);
        }
    }

    /// <summary>Computes one thing as if it were one of many.</summary>
    public T Alone<T>(Func<T> compute)
    {
        T result = default!;
        Run(1, _ => compute(), (_, computed) => result = computed, CancellationToken.None);
        return result;
    }

    // Each thread has a number of its own; when it first asks for it, it takes over the one that any thread set last.
    private static void Enter(bool isInside, int threads)
    {
        _isInside = isInside;
        _ = torch.get_num_threads();
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

        /// <summary>Computes all, with the help of other threads.</summary>
        /// <param name="helpers">How many other threads.</param>
        /// <param name="threadsOfEach">Torch's threads of this one and of each of them.</param>
        /// <param name="threads">Those of this one while results are taken, which may ask for more things.</param>
        public void Run(int helpers, int threadsOfEach, int threads)
        {
            var started = new List<Thread>();
            try
            {
                for (int helper = 0; helper < helpers; helper++) started.Add(Started(threadsOfEach));
                Enter(true, threadsOfEach);
                while (ComputeNext())
                {
                    if (!IsThere(_taken, out _)) continue;
                    TakeWhatIsThere(threads);
                    Enter(true, threadsOfEach);
                }
            }
            finally
            {
                // Those who still compute are waited for: what they use may be gone afterwards.
                if (Volatile.Read(ref _next) < count) _end.Cancel();
                foreach (Thread thread in started) thread.Join();
            }
            TakeWhatIsThere(threads);
            _error?.Throw();
            if (_taken < count) stop.ThrowIfCancellationRequested();
        }

        public void Dispose() => _end.Dispose();

        private Thread Started(int threads)
        {
            var helper = new Thread(() =>
            {
                Enter(true, threads);
                while (ComputeNext())
                {
                }
            })
            {
                IsBackground = true,
                Name = "compute side by side",
            };
            helper.Start();
            return helper;
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

        private void TakeWhatIsThere(int threads)
        {
            Enter(false, threads);
            while (IsThere(_taken, out T value)) done(_taken++, value);
        }

        private bool IsThere(int i, out T value)
        {
            lock (_lock)
            {
                (bool isThere, value) = i < count ? _computed[i] : default;
                return isThere;
            }
        }
    }
}
