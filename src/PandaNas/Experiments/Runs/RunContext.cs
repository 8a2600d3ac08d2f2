using PandaNas.Distributed;

namespace PandaNas.Experiments.Runs;

/// <summary>What the work of an experiment needs from outside: where progress goes, the clock, and the wish to stop.</summary>
/// <param name="Progress">Receives progress, often; null for none.</param>
/// <param name="Clock">Measures durations.</param>
/// <param name="Stop">Asks to save and stop.</param>
internal sealed record RunContext(IProgress<RunProgress>? Progress, TimeProvider Clock, CancellationToken Stop)
{
    /// <summary>Receives what people should know before the work is done, one sentence at a time; null for nobody.</summary>
    public Action<string>? Notes { get; init; }

    /// <summary>
    /// Called with the folder of a run whenever a stage has written its result there, while this process still holds the folder; null for
    /// nobody. Must not throw.
    /// </summary>
    public Action<string, RunContext>? AfterStage { get; init; }

    /// <summary>What the options of runs can name.</summary>
    public Catalog Catalog { get; init; } = Catalog.Default;

    /// <summary>The processes that work together, of which this is one; null for one that works alone.</summary>
    public ICommunicator? Ranks { get; init; }

    /// <summary>Chooses the names of what messages mention; those for programs unless the command line runs.</summary>
    internal Func<string, string> Words { get; init; } = Mention.AsProperties;

    /// <summary>No progress, the system's clock, never stopped.</summary>
    public static RunContext Quiet { get; } = new(null, TimeProvider.System, CancellationToken.None);

    /// <summary>The same without what is said beside the progress, for one of many pieces of work.</summary>
    public RunContext WithoutNotes => this with { Notes = null };

    /// <summary>The same where a stage has another name.</summary>
    public RunContext Renaming(string stage, string name) =>
        Progress is null ? this : this with { Progress = new RenamedStage(Progress, stage, name) };

    /// <summary>Says a sentence, for example which value of a preset was adjusted to the images.</summary>
    public void Note(string sentence) => Notes?.Invoke(Words(sentence));

    /// <summary>Reports progress.</summary>
    public void Report(string stage, double fraction, string detail = "") => Progress?.Report(new RunProgress(stage, fraction, detail));

    /// <summary>Says that a stage has written its result into a run.</summary>
    public void EndStage(RunDirectory run)
    {
        AfterStage?.Invoke(run.Path, this);
    }

    private sealed class RenamedStage(IProgress<RunProgress> progress, string stage, string name) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => progress.Report(value.Stage == stage ? value with { Stage = name } : value);
    }
}
