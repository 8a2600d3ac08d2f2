using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Overviews;
using PandaNas.Reporting.Pages;
using PandaNas.Training;

namespace PandaNas.Watch;

/// <summary>One run as the page shows it, kept as the text that is sent, and what tells that it changed.</summary>
internal sealed class RunCard
{
    // More points than a screen has do not show.
    private const int MostPoints = 400;

    /// <summary>The run's folder.</summary>
    public required string Folder { get; init; }

    /// <summary>Its name on the page: the folder, relative to that of all runs, with slashes.</summary>
    public required string Name { get; init; }

    /// <summary>Its state.</summary>
    public required RunState State { get; init; }

    /// <summary>What its files looked like before it was read.</summary>
    public required RunSign Sign { get; init; }

    /// <summary>The number of the change that made it.</summary>
    public required long Version { get; init; }

    /// <summary>The message that tells the page of it: an event with the run as JSON.</summary>
    public required byte[] Message { get; init; }

    /// <summary>Reads a run.</summary>
    public static RunCard Read(string folder, string name, RunSign sign, long version, DateTimeOffset now)
    {
        RunSummary run = RunSummary.Read(folder, now);
        return new RunCard
        {
            Folder = folder,
            Name = name,
            State = run.State,
            Sign = sign,
            Version = version,
            Message = MessageOf("run", new ShownRun(
                name, run, run.KindText, now.ToUnixTimeMilliseconds(), File.Exists(Path.Combine(folder, RunReport.FileName)),
                CurveOf(run.Epochs), run.Options)),
        };
    }

    /// <summary>An event as the stream sends it.</summary>
    public static byte[] MessageOf<T>(string name, T data) =>
        Encoding.UTF8.GetBytes($"event: {name}\ndata: {JsonSerializer.Serialize(data, RunJson.Line)}\n\n");

    private static ShownCurve CurveOf(ImmutableArray<EpochRecord> epochs)
    {
        // The last one always: it is the news.
        int step = Math.Max(1, (epochs.Length + MostPoints - 1) / MostPoints);
        EpochRecord[] shown = [.. epochs.Where((_, i) => (epochs.Length - 1 - i) % step == 0)];
        return new ShownCurve(
            [.. shown.Select(epoch => epoch.Epoch)], [.. shown.Select(epoch => (float)epoch.Loss)],
            [.. shown.Select(epoch => (float)epoch.Accuracy)]);
    }

    private sealed record ShownRun(
        string Name, RunSummary Summary, string KindText, long AsOf, bool HasReport, ShownCurve Curve,
        ImmutableSortedDictionary<string, string> Options);

    private sealed record ShownCurve(ImmutableArray<int> Epoch, ImmutableArray<float> Loss, ImmutableArray<float> Accuracy);
}

/// <summary>What is cheap to ask of a run's folder and differs when the run went on.</summary>
/// <param name="Folder">When something appeared in it, or was replaced: results are.</param>
/// <param name="Log">The length of the log, which is appended.</param>
/// <param name="Held">Whether a process works on it.</param>
internal readonly record struct RunSign(DateTime Folder, long Log, bool Held)
{
    /// <summary>That of a folder.</summary>
    public static RunSign Of(string folder)
    {
        var log = new FileInfo(RunDirectory.LogPathOf(folder));
        return new RunSign(Directory.GetLastWriteTimeUtc(folder), log.Exists ? log.Length : 0, RunSummary.IsWorkedOn(folder));
    }
}
