namespace PandaNas.Experiments.Runs;

/// <summary>
/// Adds the time left to what is reported, from the speed since this process began the stage: a resumed run starts in its middle. What
/// knows its time left keeps it.
/// </summary>
/// <param name="inner">Hears it.</param>
/// <param name="clock">Measures.</param>
internal sealed class TimedProgress(IProgress<RunProgress> inner, TimeProvider clock) : IProgress<RunProgress>
{
    // Less says too little of the speed.
    private const double LeastDone = 0.005;

    private string _stage = "";
    private double _startFraction, _lastFraction;
    private long _started;

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        if (value.Stage != _stage || value.Fraction < _lastFraction)
        {
            _stage = value.Stage;
            _startFraction = value.Fraction;
            _started = clock.GetTimestamp();
        }
        _lastFraction = value.Fraction;
        double done = value.Fraction - _startFraction;
        inner.Report(value.TimeLeft is not null || done <= LeastDone || value.Fraction >= 1
            ? value
            : value with { TimeLeft = clock.GetElapsedTime(_started) * ((1 - value.Fraction) / done) });
    }
}
