using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;

namespace PandaNas.Experiments.Comparisons;

/// <summary>Trains and ranks single runs of a comparison; what is trained already is not trained again.</summary>
/// <param name="comparison">How they are ranked.</param>
/// <param name="options">How they are trained, but for method, seed and epochs.</param>
/// <param name="context">Notes.</param>
/// <param name="setting">What is ranked.</param>
internal sealed class RunMaker(ComparisonOptions comparison, SupernetOptions options, RunContext context, ComparisonSetting setting)
{
    private bool _said;

    /// <summary>Reads what earlier work left, before more is done: a damaged file should not be found after hours.</summary>
    /// <exception cref="BadDataException">A file is damaged, or a run was trained with other options.</exception>
    public void RequireUsable(IEnumerable<ComparedRun> runs)
    {
        foreach (ComparedRun run in runs)
        {
            RequireSameOptions(run.Folder, OptionsOf(run));
            if (File.Exists(run.Report))
                RankedRun.Read(run.Method.Method, run.Seed, run.Report, run.Predictions, setting.Architectures);
            else if (SupernetExperiment.ReadResult(run.Folder) is not null)
                RunLog.RequireEpochs(RunDirectory.LogPathOf(run.Folder), run.Method.Epochs);
        }
    }

    /// <summary>Trains and ranks; nothing of the ranking is written yet.</summary>
    /// <exception cref="OperationCanceledException">Stopped when asked; what was trained is saved.</exception>
    public MadeRun Make(ComparedRun run, ComparisonProgress progress, CancellationToken stop)
    {
        SayWhatTrains();
        RunContext training = progress.Begin(run.Label, SupernetExperiment.Stage, 0, run.Training) with { Stop = stop };
        SupernetResult trained = Train(OptionsOf(run), run.Folder, run.Label, training);
        RunContext ranking = progress.Begin(run.Label, SuccessiveScreening.Stage, run.Training, run.Ranking) with { Stop = stop };
        return Rank(run, trained, ranking);
    }

    /// <summary>Trains, or goes on, or reads what was trained.</summary>
    /// <param name="options">How.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="label">Which run it is, for messages.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    public SupernetResult Train(SupernetOptions options, string folder, string label, RunContext context)
    {
        RequireSameOptions(folder, options);
        try
        {
            return SupernetExperiment.ReadResult(folder) ?? SupernetExperiment.Train(options, folder, resume: true, context);
        }
        catch (RunFailedException error)
        {
            throw new RunFailedException($"{label}: {error.Marked}", error);
        }
    }

    private void SayWhatTrains()
    {
        if (_said) return;
        _said = true;
        setting.Setup.Say(context);
    }

    private SupernetOptions OptionsOf(ComparedRun run) =>
        options with { Method = run.Method.Method, Seed = run.Seed, Epochs = run.Method.Epochs };

    private static void RequireSameOptions(string folder, SupernetOptions options)
    {
        if (!RunDirectory.Exists(folder)) return;
        if (RunDirectory.ReadOptions<SupernetOptions>(folder, options.Catalog).FirstDifference(options) is { } option)
            throw new BadDataException(
                $"'{folder}' was trained with another {option.Key} than the comparison's, {option.Text(options)}: "
                + "delete that folder to have it trained anew");
    }

    private MadeRun Rank(ComparedRun run, SupernetResult trained, RunContext context)
    {
        long passes = (long)RunLog.Values(RunDirectory.LogPathOf(run.Folder), "passes").Sum();
        using SupernetEvaluation supernet = SupernetEvaluation.Open(
            run.Folder, comparison.Ranking.Images, comparison.Ranking.Seed, Adjust, context,
            needsWeights: comparison.Ranking.Formula.NeedsSupernet);
        MeasuredRanking ranking = RankingExperiment.Measure(supernet, setting.Selection, comparison.Ranking, context);
        string predictions = ScoredArchitecture.Csv(ranking.Selected);
        return new MadeRun(SealedRecord.Text(new RankedRunReport
        {
            Ranking = ranking.Result,
            TrainingSeconds = trained.Seconds,
            Passes = passes,
            ValidationAccuracy = trained.ValidationAccuracy,
            PredictionsSha256 = RankedRun.Hash(predictions),
        }), predictions);
    }

    private SupernetOptions Adjust(SupernetOptions stored) => stored with
    {
        Data = options.Data,
        CacheFolder = options.CacheFolder,
        Threads = options.Threads,
        Device = options.Device,
    };
}
