namespace PandaNas.Runtime.Threads;

/// <summary>How long processors have worked so far.</summary>
/// <param name="At">When it was read: the seconds of a clock that never goes back.</param>
/// <param name="BusySeconds">All processors together, for any process.</param>
/// <param name="OwnSeconds">How much of that was for this process.</param>
internal readonly record struct LoadReading(double At, double BusySeconds, double OwnSeconds);

/// <summary>Tells from readings of the processors' time whether other programs leave each of torch's threads a processor.</summary>
/// <param name="processors">How many processors there are.</param>
internal sealed class Neighbours(int processors)
{
    // The kernel counts in hundredths of a second, so shorter stretches say little.
    private const double WindowSeconds = 0.5;

    // Of one processor: more than the system's own work, less than a program that computes.
    private const double Crowded = 0.3;
    private const double Free = 0.15;

    // A neighbour that pauses, between two compilations for example, is not gone.
    private const double SecondsUntilFree = 2;

    private readonly Queue<LoadReading> _readings = new();
    private LoadReading _last;
    private double _freeSeconds;
    private bool _crowded;

    /// <summary>Takes a reading, later than the one before.</summary>
    /// <param name="reading">The reading.</param>
    /// <param name="threads">With how many threads torch computes.</param>
    /// <returns>Whether torch's threads and what other programs run of late are more than there are processors.</returns>
    public bool Crowd(LoadReading reading, int threads)
    {
        double sinceLast = _readings.Count == 0 ? 0 : reading.At - _last.At;
        _last = reading;
        _readings.Enqueue(reading);
        while (_readings.Count > 1 && reading.At - _readings.ElementAt(1).At >= WindowSeconds) _readings.Dequeue();
        LoadReading first = _readings.Peek();
        double window = reading.At - first.At;
        if (window < WindowSeconds) return _crowded;
        double others = (reading.BusySeconds - first.BusySeconds - (reading.OwnSeconds - first.OwnSeconds)) / window;
        double missing = others - Math.Max(0, processors - threads);
        _freeSeconds = missing < Free ? _freeSeconds + sinceLast : 0;
        if (missing > Crowded) _crowded = true;
        else if (_freeSeconds >= SecondsUntilFree) _crowded = false;
        return _crowded;
    }
}
