using MathNet.Numerics.Statistics;

namespace PandaNas.Latency;

/// <summary>Times work by the median of several runs, after some that do not count.</summary>
/// <param name="clock">Tells the time.</param>
/// <param name="warmUp">Runs that do not count, at least 0.</param>
/// <param name="stop">Looked at before every run.</param>
internal sealed class MedianTimer(TimeProvider clock, int warmUp, CancellationToken stop)
{
    /// <summary>The median of the seconds that so many runs take.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public double Seconds(Action run, int repetitions)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(repetitions, 1);
        for (int i = 0; i < warmUp; i++) Time(run);
        var seconds = new double[repetitions];
        for (int i = 0; i < repetitions; i++) seconds[i] = Time(run);
        return seconds.Median();
    }

    private double Time(Action run)
    {
        stop.ThrowIfCancellationRequested();
        long started = clock.GetTimestamp();
        run();
        // A time span would round to 100 ns.
        return (clock.GetTimestamp() - started) / (double)clock.TimestampFrequency;
    }
}
