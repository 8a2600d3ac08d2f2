using System.Collections.Immutable;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;
using PandaNas.Training;

namespace PandaNas.Experiments.Stages;

/// <summary>Runs a trainer inside a run directory: resumes from the newest checkpoint, logs every epoch, saves, stops when asked.</summary>
/// <param name="run">Where log and checkpoints go.</param>
/// <param name="checkpointEvery">Epochs between checkpoints.</param>
/// <param name="stage">The name of the work in progress reports.</param>
/// <param name="context">Progress and the wish to stop.</param>
/// <param name="curves">Where TensorBoard's curves go; null for none.</param>
internal sealed class TrainingSession(
    RunDirectory run, int checkpointEvery, string stage, RunContext context, TensorBoardLog? curves = null)
{
    private readonly Checkpoints _checkpoints = new(run.CheckpointFolder);
    private readonly RankFigures? _figures = context.Ranks is { } ranks ? new RankFigures(ranks, context) : null;

    /// <summary>Brings the trainer to the newest checkpoint, if there is one.</summary>
    public void Resume(Trainer trainer)
    {
        _checkpoints.Resume(trainer);
        // The rest is of rank 0.
        if (run.IsReadOnly) return;
        RunLog.KeepEpochs(run.LogPath, trainer.Epoch);
        ImmutableArray<EpochRecord> epochs = RunLog.Records<EpochRecord>(run.LogPath, RunLog.EpochSign);
        run.Write(MetricsPath, MetricsFile.Text(trainer.Operations, epochs));
        curves?.Begin(trainer, epochs);
    }

    /// <summary>Trains beside rank 0, which alone logs and saves, until all epochs are done.</summary>
    /// <exception cref="OperationCanceledException">A rank was asked to stop.</exception>
    public void RunAlong(Trainer trainer)
    {
        while (!trainer.IsFinished)
            if (RunEpoch(trainer, "") is null) throw new OperationCanceledException(context.Stop);
    }

    /// <summary>Trains until all epochs are done.</summary>
    /// <param name="trainer">The trainer.</param>
    /// <param name="betweenEpochs">
    /// Called before every epoch and after the last, and again when a training is resumed there; may throw when asked to stop.
    /// </param>
    /// <exception cref="OperationCanceledException">The context asked to stop; everything is saved.</exception>
    public void Run(Trainer trainer, Action? betweenEpochs = null)
    {
        string detail = "";
        while (true)
        {
            if (betweenEpochs is not null && trainer.IsBetweenEpochs) SaveIfStopped(trainer, betweenEpochs);
            if (trainer.IsFinished) return;
            EpochRecord? record = RunEpoch(trainer, detail);
            if (record is null)
            {
                Save(trainer);
                throw new OperationCanceledException(context.Stop);
            }
            detail = FormattableString.Invariant($"epoch {record.Epoch}: loss {record.Loss:F3}, accuracy {record.Accuracy:P1}");
            context.Report(stage, trainer.Progress, detail);
            // Logged before it is saved: a record beyond the newest checkpoint is dropped on resuming, a missing one could not be made up.
            run.RequireHeld();
            RunLog.Append(run.LogPath, record);
            AtomicFile.AppendText(MetricsPath, MetricsFile.Line(record));
            curves?.Add(trainer, record);
            if (record.Epoch % checkpointEvery == 0 || trainer.IsFinished) Save(trainer);
        }
    }

    private string MetricsPath => run.File(MetricsFile.Name);

    private EpochRecord? RunEpoch(Trainer trainer, string detail)
    {
        try
        {
            EpochRecord? record = trainer.RunEpoch(context.Stop, () => ReportStep(trainer, detail));
            if (record is not null) _figures?.EndEpoch(record.Passes / trainer.PassesPerStep, record.Seconds);
            return record;
        }
        catch (DivergedException error)
        {
            throw _checkpoints.Diverged(error.Place, error);
        }
    }

    private void Save(Trainer trainer)
    {
        run.RequireHeld();
        _checkpoints.Save(trainer.Capture());
    }

    private void SaveIfStopped(Trainer trainer, Action work)
    {
        try
        {
            work();
        }
        catch (OperationCanceledException)
        {
            Save(trainer);
            throw;
        }
    }

    // The very last step is reported with the last epoch's figures, by the loop above.
    private void ReportStep(Trainer trainer, string detail)
    {
        curves?.AddFirstBatch(trainer);
        if (trainer.Progress < 1) context.Report(stage, trainer.Progress, detail);
    }
}
