namespace PandaNas.Distributed;

/// <summary>
/// How long a rank is in what all ranks do together, waiting included. Read by other threads while it is written.
/// </summary>
/// <param name="clock">Measures.</param>
internal sealed class CollectiveTime(TimeProvider clock)
{
    private const long Outside = long.MinValue;

    private long _entered = Outside, _total, _longest, _count;

    /// <summary>How often it has been in and out again.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>All of the time so far, without what is still going on.</summary>
    public TimeSpan Total => clock.GetElapsedTime(0, Volatile.Read(ref _total));

    /// <summary>The longest of those times.</summary>
    public TimeSpan Longest => clock.GetElapsedTime(0, Volatile.Read(ref _longest));

    /// <summary>How long it has been in there by now; null outside.</summary>
    public TimeSpan? Current => Volatile.Read(ref _entered) is var entered && entered == Outside ? null : clock.GetElapsedTime(entered);

    /// <summary>How long it took to find the other ranks at the start.</summary>
    public TimeSpan Joining { get; init; }

    /// <summary>The rank begins something; one thread at a time.</summary>
    public void Enter() => Volatile.Write(ref _entered, clock.GetTimestamp());

    /// <summary>It is through.</summary>
    public void Leave()
    {
        long ticks = clock.GetTimestamp() - _entered;
        Volatile.Write(ref _entered, Outside);
        Volatile.Write(ref _total, _total + ticks);
        Volatile.Write(ref _longest, Math.Max(_longest, ticks));
        Volatile.Write(ref _count, _count + 1);
    }
}
