using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Reporting.Pages;
using PandaNas.Runtime.Files;
using PandaNas.Training;

namespace PandaNas.Reporting.Overviews;

/// <summary>How a run stands.</summary>
internal enum RunState
{
    /// <summary>A process is writing into its folder, or one of several that divide a comparison is at a part of it.</summary>
    Running,

    /// <summary>It is not finished, and no process works on it.</summary>
    Interrupted,

    /// <summary>Its training is finished.</summary>
    Done,

    /// <summary>A file of it cannot be used.</summary>
    Damaged,
}

/// <summary>A figure of a run.</summary>
/// <param name="Name">Its key, for example <c>test_accuracy</c>.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Short">The same in a word or two, where there is little space.</param>
/// <param name="Value">The value.</param>
/// <param name="Text">The value as people read it.</param>
internal sealed record RunFigure(string Name, string Label, string Short, double Value, string Text)
{
    /// <summary>A share, read as percent.</summary>
    public static RunFigure OfShare(string name, string label, string brief, double share) =>
        new(name, label, brief, share, Words.Percent(share));
}

/// <summary>What lists of runs tell of one. Reading it takes no lock and waits for nobody.</summary>
internal sealed record RunSummary
{
    // Epochs of one run differ little, but the first ones also warm up.
    private const int TimedEpochs = 10;

    /// <summary>The folder, absolute.</summary>
    public required string Run { get; init; }

    /// <summary>What it trained, see <see cref="RunKind"/>; empty where that cannot be read.</summary>
    public string Kind { get; init; } = "";

    /// <summary>How it stands.</summary>
    public required RunState State { get; init; }

    /// <summary>What is damaged; null for nothing.</summary>
    public string? Problem { get; init; }

    /// <summary>The search space.</summary>
    public string? Space { get; init; }

    /// <summary>The training method; null for an architecture trained by itself, and for a comparison.</summary>
    public string? Method { get; init; }

    /// <summary>The architecture that it trains; null for supernets.</summary>
    public string? Architecture { get; init; }

    /// <summary>The data set.</summary>
    public string? DataSet { get; init; }

    /// <summary>The seed; null for a comparison, which has several.</summary>
    public string? Seed { get; init; }

    /// <summary>Epochs that are done; of what holds other runs, runs.</summary>
    public int Done { get; init; }

    /// <summary>Epochs that it shall have; of what holds other runs, runs. 0 where that cannot be read.</summary>
    public int Planned { get; init; }

    /// <summary>The share of the training that is done, in [0, 1].</summary>
    public double Progress { get; init; }

    /// <summary>Time of all epochs so far.</summary>
    public double Seconds { get; init; }

    /// <summary>Time that the rest of the training takes at the speed of the last epochs; null while nothing is trained.</summary>
    public double? SecondsLeft { get; init; }

    /// <summary>Its figures, the one that tells most first.</summary>
    public ImmutableArray<RunFigure> Figures { get; init; } = [];

    /// <summary>Bytes of its files; those of a comparison's runs among them.</summary>
    public long Bytes { get; init; }

    /// <summary>When it began, UTC.</summary>
    public DateTime Started { get; init; }

    /// <summary>When a file of it was written last, UTC.</summary>
    public DateTime Changed { get; init; }

    /// <summary>What every epoch showed.</summary>
    [JsonIgnore]
    public ImmutableArray<EpochRecord> Epochs { get; init; } = [];

    /// <summary>The options it was started with, by key, as <c>run.json</c> has them.</summary>
    [JsonIgnore]
    public ImmutableSortedDictionary<string, string> Options { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>What kind of run it is, in a word for people.</summary>
    [JsonIgnore]
    public string KindText => Kind switch { RunKind.Standalone => "retraining", "" => "unknown", _ => Kind };

    /// <summary>The figure that tells most; null where there is none yet.</summary>
    [JsonIgnore]
    public RunFigure? Best => Figures.IsEmpty ? null : Figures[0];

    /// <summary>Whether a folder holds a run, or what is left of one.</summary>
    public static bool IsRun(string folder) => RunDirectory.Exists(folder)
        || (File.Exists(RunDirectory.LogPathOf(folder)) && Directory.Exists(Path.Combine(folder, "checkpoints")));

    /// <summary>Reads the summary of a run. Whatever is wrong with it is said in <see cref="Problem"/>.</summary>
    /// <param name="folder">Its folder.</param>
    /// <param name="now">The time, for what is left of the epoch at hand.</param>
    public static RunSummary Read(string folder, DateTimeOffset now)
    {
        folder = Path.GetFullPath(folder);
        (long bytes, DateTime changed) = FilesOf(folder);
        var summary = new RunSummary
        {
            Run = folder,
            State = RunState.Damaged,
            Bytes = bytes,
            Started = File.GetLastWriteTimeUtc(RunDirectory.FactsPathOf(folder)),
            Changed = changed,
        };
        try
        {
            JsonObject facts = RunDirectory.ReadFacts(folder);
            summary = summary.With(facts);
            summary = summary.Kind switch
            {
                RunKind.Comparison => summary.WithRuns(facts),
                RunKind.Auto => summary.WithStages(),
                _ => summary.WithEpochs(now),
            };
            summary = summary.WithResults();
        }
        catch (BadDataException error)
        {
            summary = summary with { Problem = error.Message };
        }
        return IsWorkedOn(folder) ? summary with { State = RunState.Running } : summary with { SecondsLeft = null };
    }

    /// <summary>Whether a process writes into a run's folder, or has a part of a comparison that processes divide.</summary>
    public static bool IsWorkedOn(string folder) => FolderLock.IsHeldElsewhere(folder) || JobDivision.IsAnyAtWork(folder);

    private RunSummary With(JsonObject facts)
    {
        var options = facts["options"] as JsonObject ?? [];
        string kind = Text(facts, "kind") ?? "";
        bool several = RunKind.HoldsRuns(kind);
        return this with
        {
            Kind = kind is RunKind.Supernet or RunKind.Standalone or RunKind.Comparison or RunKind.Auto ? kind
                : throw new BadDataException($"'{Run}' holds a run of a kind '{kind}', which this program does not know"),
            Space = Text(options, "space"),
            Method = several ? null : Text(options, "method"),
            Seed = kind == RunKind.Comparison ? null : Text(options, "seed"),
            Architecture = Text(facts, "architecture"),
            DataSet = Text(facts, "data_set"),
            Planned = int.TryParse(Text(options, "epochs"), NumberStyles.None, CultureInfo.InvariantCulture, out int epochs) ? epochs : 0,
            Options = options.ToImmutableSortedDictionary(
                option => option.Key, option => option.Value?.ToString() ?? "", StringComparer.Ordinal),
        };
    }

    private RunSummary WithEpochs(DateTimeOffset now)
    {
        string log = RunDirectory.LogPathOf(Run);
        ImmutableArray<EpochRecord> epochs = RunLog.Records<EpochRecord>(log, RunLog.EpochSign);
        RunSummary summary = this with
        {
            Epochs = epochs,
            Done = epochs.Length,
            Progress = Planned == 0 ? 0 : Math.Min(1, (double)epochs.Length / Planned),
            Seconds = epochs.Sum(epoch => epoch.Seconds),
        };
        if (epochs.IsEmpty || epochs.Length >= Planned) return summary;
        double each = epochs.TakeLast(TimedEpochs).Average(epoch => epoch.Seconds);
        double since = Math.Clamp((now.UtcDateTime - File.GetLastWriteTimeUtc(log)).TotalSeconds, 0, each);
        return summary with { SecondsLeft = each * (Planned - epochs.Length) - since };
    }

    // All runs of a comparison train as its plan says; seconds go by passes. A run that is to come has no folder yet.
    private RunSummary WithRuns(JsonObject facts)
    {
        double done = 0, all = 0, seconds = 0;
        int runs = 0, finished = 0;
        foreach ((string folder, MethodPlan? plan) in ComparisonExperiment.RunsOf(Run, facts))
        {
            runs++;
            var epochs = RunLog.Records<EpochRecord>(RunDirectory.LogPathOf(folder), RunLog.EpochSign);
            if (SupernetExperiment.ReadResult(folder) is not null) finished++;
            seconds += epochs.Sum(epoch => epoch.Seconds);
            all += (double)(plan?.Epochs ?? Planned) * (plan?.PassesPerStep ?? 1);
            done += (double)epochs.Length * (plan?.PassesPerStep ?? 1);
        }
        return this with
        {
            Done = finished,
            Planned = runs,
            Progress = all == 0 ? 0 : Math.Min(1, done / all),
            Seconds = seconds,
            SecondsLeft = done > 0 && done < all ? seconds / done * (all - done) : null,
        };
    }

    private RunSummary WithStages()
    {
        if (AutoPlan.Read(Run) is not { } plan) return this with { Planned = 0 };
        AutoTime time = AutoTime.Read(Run) ?? new AutoTime([]);
        string[] runs = [.. AutoExperiment.RunsOf(Run).Skip(plan.Searches ? 0 : 1)];
        return this with
        {
            Done = runs.Count(run => SupernetExperiment.ReadResult(run) is not null || RetrainingExperiment.ReadResult(run) is not null),
            Planned = runs.Length,
            Progress = Math.Min(1, time.Seconds / (60 * plan.Minutes)),
            Seconds = time.Seconds,
            SecondsLeft = Math.Max(0, 60 * plan.Minutes - time.Seconds),
        };
    }

    private RunSummary WithResults()
    {
        var figures = ImmutableArray.CreateBuilder<RunFigure>();
        bool finished = false;
        switch (Kind)
        {
            case RunKind.Comparison when ComparisonExperiment.ReadResult(Run) is { } compared:
                finished = compared.RunsDone == compared.RunsPlanned;
                figures.AddRange(FiguresOf(compared));
                break;
            case RunKind.Auto when AutoExperiment.ReadResult(Run) is { } made:
                finished = true;
                figures.Add(RunFigure.OfShare("test_accuracy", "test accuracy", "test", made.Model.Training.TestAccuracy));
                break;
            case RunKind.Standalone when RetrainingExperiment.ReadResult(Run) is { } retrained:
                finished = true;
                figures.Add(RunFigure.OfShare("test_accuracy", "test accuracy", "test", retrained.TestAccuracy));
                break;
            case RunKind.Supernet:
                if (SearchExperiment.ReadResult(Run) is { } search)
                    figures.Add(search.Best.Accuracy is { } accuracy
                        ? RunFigure.OfShare("best_found", "best found, with shared weights", "found", accuracy)
                        : new RunFigure(
                            "best_score", "score of the best found", "score", search.Best.Score ?? 0,
                            Words.Number(search.Best.Score ?? 0, 3)));
                if (RankingExperiment.ReadResult(Run)?.Quality is { KendallTau: { } tau })
                    figures.Add(FigureOf(Measure.KendallTau, "tau", tau));
                if (SupernetExperiment.ReadResult(Run) is { } trained)
                {
                    finished = true;
                    if (trained.ValidationAccuracy is { } random)
                        figures.Add(RunFigure.OfShare(
                            Measure.ValidationAccuracy.Name, Measure.ValidationAccuracy.Heading, "random", random));
                }
                break;
        }
        if (!Epochs.IsEmpty) figures.Add(RunFigure.OfShare("training_accuracy", "accuracy in training", "training", Epochs[^1].Accuracy));
        if (finished && !RunKind.HoldsRuns(Kind) && Planned > 0) RunLog.RequireEpochs(RunDirectory.LogPathOf(Run), Planned);
        return this with
        {
            Figures = figures.ToImmutable(),
            State = finished ? RunState.Done : RunState.Interrupted,
            Progress = finished && Planned == 0 ? 1 : Progress,
        };
    }

    private static IEnumerable<RunFigure> FiguresOf(ComparisonResult result)
    {
        Measure main = result.TruthColumn is null ? Measure.ValidationAccuracy : Measure.KendallTau;
        return from row in result.Rows
               where !row.IsControl && row.Measures.ContainsKey(main.Name)
               let mean = row.Measures[main.Name].Mean
               orderby main.Goodness(mean) descending
               let figure = FigureOf(main, row.Name, mean)
               select figure with { Name = $"{main.Name}:{row.Name}", Label = $"{row.Name}, {main.Heading}" };
    }

    private static RunFigure FigureOf(Measure measure, string brief, double value) =>
        new(measure.Name, measure.Heading, brief, value, measure.Text(value));

    private static string? Text(JsonObject record, string key) =>
        record[key] is JsonValue value && value.GetValueKind() is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;

    // What cannot be entered does not count, nor what lies behind a link.
    private static (long Bytes, DateTime Changed) FilesOf(string folder)
    {
        var all = new EnumerationOptions
        {
            RecurseSubdirectories = true,
            AttributesToSkip = FileAttributes.ReparsePoint,
            IgnoreInaccessible = true,
        };
        long bytes = 0;
        DateTime changed = default;
        try
        {
            foreach (FileInfo file in new DirectoryInfo(folder).EnumerateFiles("*", all))
            {
                if (file.LinkTarget is not null || !file.Exists) continue;
                bytes += file.Length;
                if (file.Name != FolderLock.FileName && file.LastWriteTimeUtc > changed) changed = file.LastWriteTimeUtc;
            }
        }
        catch (IOException)
        {
            // The run is being written, or deleted: what was counted will do.
        }
        return (bytes, changed);
    }
}
