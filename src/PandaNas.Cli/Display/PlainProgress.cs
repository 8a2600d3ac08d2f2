using System.Globalization;
using PandaNas.Experiments.Runs;

namespace PandaNas.Cli.Display;

/// <summary>Progress as plain lines: one when a stage starts, one at most every ten seconds, one when a stage is done.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider clock) : IProgress<RunProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private string _stage = "";
    private double _startFraction, _lastFraction;
    private long _started, _lastLine;

    public void Report(RunProgress value)
    {
        bool first = value.Stage != _stage || value.Fraction < _lastFraction;
        if (first)
        {
            _stage = value.Stage;
            _startFraction = value.Fraction;
            _started = clock.GetTimestamp();
        }
        bool last = value.Fraction >= 1 && _lastFraction < 1;
        _lastFraction = value.Fraction;
        if (!first && !last && clock.GetElapsedTime(_lastLine) < Pause) return;
        _lastLine = clock.GetTimestamp();
        string detail = value.Detail.Length == 0 ? "" : $"  {value.Detail}";
        writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{value.Stage}  {value.Fraction * 100:F0}%{detail}{TimeLeft(value.Fraction)}"));
    }

    // From the speed since this process began the stage: a resumed run starts in the middle.
    private string TimeLeft(double fraction)
    {
        double done = fraction - _startFraction;
        if (done <= 0.005 || fraction >= 1) return "";
        TimeSpan left = clock.GetElapsedTime(_started) * ((1 - fraction) / done);
        return left.TotalHours >= 1 ? $"  {(int)left.TotalHours}:{left.Minutes:D2}:{left.Seconds:D2} left" : $"  {left.Minutes}:{left.Seconds:D2} left";
    }
}
