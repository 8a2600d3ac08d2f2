namespace PandaNas.Distributed;

/// <summary>
/// Pauses between looks for a message, that grow while none comes: about as long as was waited so far, so that messages of milliseconds
/// are met in milliseconds, and a rank that works for half a second is not disturbed five hundred times. Looking every
/// millisecond took 8% of the processor from the thread that worked on it (docs/experiment-log.md).
/// </summary>
internal struct Naps
{
    private const int Longest = 50;

    private int _last;

    /// <summary>Milliseconds of the next pause: 1, 2, 4 and so on, at most 50.</summary>
    public int Next() => _last = Math.Clamp(2 * _last, 1, Longest);

    /// <summary>Begins again with the shortest: something has come.</summary>
    public void Reset() => _last = 0;
}
