using System.Globalization;

namespace PandaNas.Cli.Display;

/// <summary>Progress as plain lines: one when a stage starts, one at most every ten seconds, one when a stage is done.</summary>
internal sealed class PlainProgress(TextWriter writer, TimeProvider clock) : IProgress<RunProgress>
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(10);

    private string _stage = "";
    private double _lastFraction;
    private long _lastLine;

    public void Report(RunProgress value)
    {
        bool first = value.Stage != _stage || value.Fraction < _lastFraction;
        _stage = value.Stage;
        bool last = value.Fraction >= 1 && _lastFraction < 1;
        _lastFraction = value.Fraction;
        if (!first && !last && clock.GetElapsedTime(_lastLine) < Pause) return;
        _lastLine = clock.GetTimestamp();
        string detail = value.Detail.Length == 0 ? "" : $"  {value.Detail}";
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{value.Stage}  {value.Fraction * 100:F0}%{detail}{TimeLeft(value.TimeLeft)}"));
    }

    private static string TimeLeft(TimeSpan? left) => left is not { } time ? ""
        : time.TotalHours >= 1 ? $"  {(int)time.TotalHours}:{time.Minutes:D2}:{time.Seconds:D2} left"
        : $"  {time.Minutes}:{time.Seconds:D2} left";
}
