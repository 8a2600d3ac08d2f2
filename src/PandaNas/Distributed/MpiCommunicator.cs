namespace PandaNas.Distributed;

/// <summary>The ranks of an MPI job.</summary>
internal sealed class MpiCommunicator : ICommunicator
{
    private readonly MpiLibrary _mpi;
    private readonly Lock _oneAtATime = new();

    /// <summary>Loads MPI and joins the job.</summary>
    /// <param name="launch">This process's place in it.</param>
    /// <param name="clock">Measures how long ranks wait for each other.</param>
    /// <exception cref="RunFailedException">It cannot be loaded, or it is another MPI than that which started the job.</exception>
    public MpiCommunicator(Launch launch, TimeProvider clock)
    {
        if (!OperatingSystem.IsLinux())
            throw new RunFailedException("several processes work together on Linux only: start one process");
        long started = clock.GetTimestamp();
        _mpi = MpiLibrary.Join(launch.Libraries, clock);
        Time = new CollectiveTime(clock) { Joining = clock.GetElapsedTime(started) };
        if (_mpi.Size != launch.Size)
            throw new RunFailedException(
                $"{launch.Size} processes were started, of which {_mpi.Version} finds {_mpi.Size}: the launcher is of another MPI. "
                + $"Name its library in {Launch.LibraryVariable}, or start with the mpirun of the library that is there");
    }

    /// <inheritdoc/>
    public int Rank => _mpi.Rank;

    /// <inheritdoc/>
    public int Size => _mpi.Size;

    /// <inheritdoc/>
    public CollectiveTime Time { get; }

    /// <inheritdoc/>
    public void Send(int to, int tag, ReadOnlySpan<byte> message)
    {
        lock (_oneAtATime) _mpi.Send(to, tag, message);
    }

    /// <inheritdoc/>
    public bool TryReceive(int tag, out int from, out byte[] message)
    {
        lock (_oneAtATime) return _mpi.TryReceive(tag, out from, out message);
    }

    /// <inheritdoc/>
    public void Exchange(ReadOnlySpan<float> parts, Span<float> received)
    {
        lock (_oneAtATime)
        {
            Time.Enter();
            _mpi.Exchange(parts, received);
            Time.Leave();
        }
    }

    /// <inheritdoc/>
    public void Gather(ReadOnlySpan<float> mine, Span<float> all)
    {
        lock (_oneAtATime)
        {
            Time.Enter();
            _mpi.Gather(mine, all);
            Time.Leave();
        }
    }

    // Without the lock: the thread that holds it may wait for a rank that will never answer.
    /// <inheritdoc/>
    public void Abort(int exitCode) => _mpi.Abort(exitCode);

    /// <inheritdoc/>
    public void Finish(int exitCode)
    {
        lock (_oneAtATime) _mpi.Finish(exitCode);
    }
}
