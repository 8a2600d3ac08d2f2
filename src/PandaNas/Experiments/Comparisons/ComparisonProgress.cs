using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Comparisons;

/// <summary>
/// One progress over all runs of a comparison, so that the time left is that of the whole. Work is weighed by its estimated
/// computing: images that pass through a network, with a backward pass for two forward ones.
/// </summary>
/// <param name="context">Receives the progress.</param>
/// <param name="stage">The name of the whole.</param>
/// <param name="total">All work, done work included.</param>
internal sealed class ComparisonProgress(RunContext context, string stage, double total)
{
    /// <summary>How many forward passes a forward-backward pass costs.</summary>
    public const int ForwardsPerPass = 3;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, double> _begun = [];
    private double _done, _last;

    /// <summary>Counts work that was done before or is done now, by this process or another.</summary>
    /// <param name="label">Which run it is.</param>
    /// <param name="work">How much it was in all.</param>
    public void Finish(string label, double work)
    {
        lock (_lock)
        {
            _begun.Remove(label);
            _done += work;
        }
    }

    /// <summary>A context for one piece of work. It reports nothing by itself: a resumed piece starts in its middle.</summary>
    /// <param name="label">Which run it is.</param>
    /// <param name="counted">The stage in which its work lies; others, such as reading images, are not counted.</param>
    /// <param name="before">How much of that run is done when this begins.</param>
    /// <param name="work">How much it is in all.</param>
    public RunContext Begin(string label, string counted, double before, double work) => context.WithoutNotes with
    {
        Progress = context.Progress is null ? null : new Piece(this, label, counted, before, work),
        Ranks = null,
    };

    private void Report(string label, RunProgress value, double done)
    {
        lock (_lock)
        {
            _begun[label] = done;
            _last = Math.Max(_last, Math.Min(1, (_done + _begun.Values.Sum()) / total));
            string detail = value.Detail.Length == 0 ? "" : $", {value.Detail}";
            context.Report(stage, _last, FormattableString.Invariant($"{label}: {value.Stage} {value.Fraction * 100:F0}%{detail}"));
        }
    }

    private sealed class Piece(ComparisonProgress whole, string label, string counted, double before, double work) : IProgress<RunProgress>
    {
        public void Report(RunProgress value)
        {
            if (value.Stage == counted) whole.Report(label, value, before + value.Fraction * work);
        }
    }
}
