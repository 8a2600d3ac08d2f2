using System.Diagnostics;
using System.Globalization;
using PandaNas.Distributed;
using PandaNas.Experiments.Runs;

namespace PandaNas.Experiments.Stages;

/// <summary>What people ask first of a training that ranks divide: how long a step takes, and how much of it is for the others.</summary>
/// <param name="ranks">The ranks.</param>
/// <param name="context">Where rank 0 says it.</param>
internal sealed class RankFigures(ICommunicator ranks, RunContext context)
{
    // The first one of a process also compiles and warms up.
    private const int MeasuredEpoch = 2;

    private TimeSpan _before = ranks.Time.Total;
    private int _epochs;

    /// <summary>An epoch is done; on all ranks alike.</summary>
    /// <param name="steps">How many steps it had.</param>
    /// <param name="seconds">How long it took on this rank.</param>
    public void EndEpoch(long steps, double seconds)
    {
        double together = (ranks.Time.Total - _before).TotalSeconds;
        if (++_epochs == MeasuredEpoch) Say(steps, seconds, together);
        _before = ranks.Time.Total;
    }

    private void Say(long steps, double seconds, double together)
    {
        using var process = Process.GetCurrentProcess();
        float[] mine = [(float)seconds, (float)together, process.PeakWorkingSet64 / 1e6f, (float)ranks.Time.Joining.TotalSeconds];
        var all = new float[mine.Length * ranks.Size];
        ranks.Gather(mine, all);
        if (ranks.Rank > 0) return;
        float[][] figures = [.. all.Chunk(mine.Length)];
        double step = 1000 * figures.Max(one => one[0]) / steps, communication = 1000 * figures.Average(one => one[1]) / steps;
        float[] shares = [.. figures.Select(one => one[1] / one[0])];
        context.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{ranks.Size} ranks: a step takes {step:F1} ms, of which {communication:F1} ms are for the other ranks, waiting included "
            + $"({shares.Min():P1} to {shares.Max():P1}). Peak memory of a rank: {figures.Max(one => one[2]):F0} MB. "
            + $"Joining them took {figures.Max(one => one[3]):F2} s."));
    }
}
