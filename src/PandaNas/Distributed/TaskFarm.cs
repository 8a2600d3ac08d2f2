using System.Buffers.Binary;
using System.Runtime.ExceptionServices;

namespace PandaNas.Distributed;

/// <summary>
/// Tasks that rank 0 hands out to the other ranks as they come back for more, and works on itself between. What a task and its result are
/// only the two ends know.
/// </summary>
internal sealed class TaskFarm : IDisposable
{
    // In the place of a task's number: a rank has come; and of the number of tasks that it holds: it has not.
    private const int Ready = -1, Absent = -1;

    private const int HeaderBytes = sizeof(int);

    private readonly ICommunicator _ranks;
    private readonly int _ahead;
    private readonly int[] _held;
    private bool _isDisposed;

    /// <summary>A farm without tasks; the other ranks may come later.</summary>
    /// <param name="ranks">The ranks, of which this is 0.</param>
    /// <param name="ahead">
    /// How many tasks a rank may have waiting beside the one that it works on, so that it need not wait for the next: 1 for tasks of
    /// milliseconds, 0 for those of minutes. Towards the end none wait.
    /// </param>
    public TaskFarm(ICommunicator ranks, int ahead)
    {
        (_ranks, _ahead) = (ranks, ahead);
        _held = [.. Enumerable.Repeat(Absent, ranks.Size)];
    }

    /// <summary>Works on tasks until all are done.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="task">What another rank is told of one.</param>
    /// <param name="here">Does one on this rank.</param>
    /// <param name="done">Takes the result of one, as they come, from one thread at a time.</param>
    /// <param name="stop">Asks to stop; results that are not there yet are then lost.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Run(
        int count, Func<int, byte[]> task, Func<int, CancellationToken, byte[]> here, Action<int, byte[]> done, CancellationToken stop)
    {
        if (count == 0) return;
        using var round = new Round(this, count, task, done, stop);
        var server = new Thread(round.Serve) { IsBackground = true, Name = "hand out tasks" };
        server.Start();
        round.WorkHere(here);
        server.Join();
        round.ThrowIfBroken();
    }

    /// <summary>Does on another rank what rank 0 asks for, until it asks for no more.</summary>
    /// <param name="ranks">The ranks, of which this is not 0.</param>
    /// <param name="work">Does a task.</param>
    /// <param name="stop">Asks to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public static void Serve(ICommunicator ranks, Func<byte[], CancellationToken, byte[]> work, CancellationToken stop)
    {
        Send(ranks, 0, Messages.Result, Ready, []);
        while (ranks.Receive(Messages.Task, stop) is { Length: > 0 } message)
            Send(ranks, 0, Messages.Result, BinaryPrimitives.ReadInt32LittleEndian(message), work(message[HeaderBytes..], stop));
    }

    /// <summary>Tells the other ranks that no more tasks come.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        for (int rank = 1; rank < _ranks.Size; rank++) _ranks.Send(rank, Messages.Task, []);
    }

    private static void Send(ICommunicator ranks, int to, int tag, int number, ReadOnlySpan<byte> content)
    {
        var message = new byte[HeaderBytes + content.Length];
        BinaryPrimitives.WriteInt32LittleEndian(message, number);
        content.CopyTo(message.AsSpan(HeaderBytes));
        ranks.Send(to, tag, message);
    }

    /// <summary>The tasks of one call.</summary>
    private sealed class Round : IDisposable
    {
        private readonly TaskFarm _farm;
        private readonly int _count;
        private readonly Func<int, byte[]> _task;
        private readonly Action<int, byte[]> _done;
        private readonly CancellationToken _stop;
        private readonly CancellationTokenSource _end;
        // All is done, or broken.
        private readonly ManualResetEvent _isOver = new(false);
        private readonly Lock _lock = new();
        private int _next, _finished;
        private ExceptionDispatchInfo? _error;

        public Round(TaskFarm farm, int count, Func<int, byte[]> task, Action<int, byte[]> done, CancellationToken stop)
        {
            (_farm, _count, _task, _done, _stop) = (farm, count, task, done, stop);
            _end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        }

        public void WorkHere(Func<int, CancellationToken, byte[]> here)
        {
            while (!_end.IsCancellationRequested && Take() is { } task)
            {
                try
                {
                    Finish(task, here(task, _end.Token));
                }
                catch (Exception error)
                {
                    Break(error);
                    return;
                }
            }
        }

        // The thread that talks to the other ranks, while this one works.
        public void Serve()
        {
            var naps = new Naps();
            try
            {
                while (!_end.IsCancellationRequested)
                {
                    while (_farm._ranks.TryReceive(Messages.Result, out int from, out byte[] message))
                    {
                        TakeResult(from, message);
                        naps.Reset();
                    }
                    for (int rank = 1; rank < _farm._held.Length; rank++) HandOut(rank);
                    if (_isOver.WaitOne(naps.Next())) return;
                }
            }
            catch (Exception error)
            {
                Break(error);
            }
        }

        public void ThrowIfBroken()
        {
            // A stop that came from elsewhere is the reason why tasks here were given up.
            _stop.ThrowIfCancellationRequested();
            _error?.Throw();
        }

        public void Dispose()
        {
            _end.Dispose();
            _isOver.Dispose();
        }

        private void TakeResult(int from, byte[] message)
        {
            int task = BinaryPrimitives.ReadInt32LittleEndian(message);
            _farm._held[from] = task == Ready ? 0 : _farm._held[from] - 1;
            if (task != Ready) Finish(task, message[HeaderBytes..]);
        }

        private void HandOut(int rank)
        {
            if (_farm._held[rank] == Absent) return;
            while (_farm._held[rank] == 0 || (_farm._held[rank] <= _farm._ahead && ManyAreLeft))
            {
                if (Take() is not { } task) return;
                _farm._held[rank]++;
                Send(_farm._ranks, rank, Messages.Task, task, _task(task));
            }
        }

        private bool ManyAreLeft
        {
            get
            {
                lock (_lock) return _next + _farm._ranks.Size <= _count;
            }
        }

        private int? Take()
        {
            lock (_lock) return _next < _count ? _next++ : null;
        }

        private void Finish(int task, byte[] result)
        {
            lock (_lock)
            {
                _done(task, result);
                if (++_finished == _count) _isOver.Set();
            }
        }

        private void Break(Exception error)
        {
            lock (_lock) _error ??= ExceptionDispatchInfo.Capture(error);
            _end.Cancel();
            _isOver.Set();
        }
    }
}
