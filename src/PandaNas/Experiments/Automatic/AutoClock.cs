using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Experiments.Automatic;

/// <summary>What the time has been used for so far, by all processes that worked on a folder. Written as <c>time.json</c>.</summary>
/// <param name="Stages">Seconds by stage, in the order in which they were begun.</param>
internal sealed record AutoTime(ImmutableArray<AutoStage> Stages)
{
    /// <summary>The file in the folder.</summary>
    public const string FileName = "time.json";

    /// <summary>What was used in a folder; null before the first stage.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static AutoTime? Read(string folder) => SealedRecord.ReadResult<AutoTime>(Path.Combine(folder, FileName));

    /// <summary>All of it, in seconds.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public double Seconds => Stages.Sum(stage => stage.Seconds);

    /// <summary>The same with more time for a stage.</summary>
    public AutoTime With(string stage, double seconds) => Stages.Any(one => one.Name == stage)
        ? new([.. Stages.Select(one => one.Name == stage ? one with { Seconds = one.Seconds + seconds } : one)])
        : new(Stages.Add(new AutoStage(stage, seconds)));
}

/// <summary>
/// Adds the time left for everything to the progress of each stage, and keeps in the folder what time was used, so that a resumed run
/// knows it.
/// </summary>
internal sealed class AutoClock : IProgress<RunProgress>
{
    private static readonly TimeSpan KeepEvery = TimeSpan.FromSeconds(5);

    // Less of a stage says too little of the pace.
    private const double LeastDone = 0.05;

    // What stages do beside their work, such as opening the images, says nothing of how far they are.
    private static readonly string[] Works = [SearchExperiment.Stage, RetrainingExperiment.Stage];

    private readonly RunDirectory _run;
    private readonly AutoPlan _plan;
    private readonly IProgress<RunProgress>? _progress;
    private readonly TimeProvider _clock;
    private AutoTime _kept;
    private string _stage = "";
    private double? _firstFraction;
    private long _mark, _firstMark;

    /// <summary>Takes up what was kept.</summary>
    /// <param name="run">The folder.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="progress">Hears the progress; null for nobody.</param>
    /// <param name="clock">Measures.</param>
    public AutoClock(RunDirectory run, AutoPlan plan, IProgress<RunProgress>? progress, TimeProvider clock)
    {
        (_run, _plan, _progress, _clock) = (run, plan, progress, clock);
        _kept = AutoTime.Read(run.Path) ?? new AutoTime([new AutoStage(AutoPlan.Measuring, plan.SecondsOf(AutoPlan.Measuring))]);
        _mark = clock.GetTimestamp();
    }

    /// <summary>What was used until now.</summary>
    public AutoTime Time => _stage.Length == 0 ? _kept : _kept.With(_stage, _clock.GetElapsedTime(_mark).TotalSeconds);

    /// <summary>Does the work of a stage.</summary>
    /// <param name="stage">Its name in the plan.</param>
    /// <param name="work">The work.</param>
    public T During<T>(string stage, Func<T> work)
    {
        Keep();
        (_stage, _firstFraction) = (stage, null);
        try
        {
            T result = work();
            Keep();
            _stage = "";
            return result;
        }
        catch (OperationCanceledException)
        {
            Keep();
            throw;
        }
    }

    /// <inheritdoc/>
    public void Report(RunProgress value)
    {
        if (_clock.GetElapsedTime(_mark) >= KeepEvery) Keep();
        TimeSpan left = TimeLeft(Works.Contains(value.Stage) ? value.Fraction : 0);
        int number = _plan.Stages.TakeWhile(stage => stage.Name != _stage).Count() + 1;
        _progress?.Report(value with
        {
            Stage = string.Create(CultureInfo.InvariantCulture, $"{number}/{_plan.Stages.Length} {NameOf(value.Stage)}"),
            TimeLeft = left,
        });
    }

    private string NameOf(string stage) => stage != RetrainingExperiment.Stage ? stage
        : _stage == AutoPlan.Rival ? "train its rival"
        : "train the known network";

    // As planned, and for the rest of the stage at the pace that it has.
    private TimeSpan TimeLeft(double fraction)
    {
        if (_firstFraction is null || fraction < _firstFraction) (_firstFraction, _firstMark) = (fraction, _clock.GetTimestamp());
        double done = fraction - _firstFraction.Value;
        double rest = done > LeastDone
            ? _clock.GetElapsedTime(_firstMark).TotalSeconds * (1 - fraction) / done
            : _plan.SecondsOf(_stage) * (1 - fraction);
        double later = _plan.Stages.SkipWhile(stage => stage.Name != _stage).Skip(1).Sum(stage => stage.Seconds);
        return TimeSpan.FromSeconds(rest + later);
    }

    private void Keep()
    {
        _kept = Time;
        _mark = _clock.GetTimestamp();
        _run.WriteRecord(AutoTime.FileName, _kept);
    }
}
