using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data;
using PandaNas.Runtime;
using PandaNas.Training;

namespace PandaNas.Experiments;

/// <summary>Runs a trainer inside a run directory: resumes from the newest checkpoint, logs every epoch, saves, stops when asked.</summary>
/// <param name="run">Where log and checkpoints go.</param>
/// <param name="checkpointEvery">Epochs between checkpoints.</param>
/// <param name="stage">The name of the work in progress reports.</param>
/// <param name="context">Progress and the wish to stop.</param>
internal sealed class TrainingSession(RunDirectory run, int checkpointEvery, string stage, RunContext context)
{
    private readonly Checkpoints _checkpoints = new(run.CheckpointFolder);

    /// <summary>Brings the trainer to the newest checkpoint, if there is one.</summary>
    public void Resume(Trainer trainer)
    {
        string? newest = _checkpoints.Newest();
        if (newest is not null)
        {
            TrainerState state = Checkpoints.Read(newest);
            trainer.Restore(state, newest);
            foreach (var tensor in state.Tensors.Values) tensor.Dispose();
        }
        RunLog.KeepEpochs(run.LogPath, trainer.Epoch);
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
            EpochRecord? record = trainer.RunEpoch(context.Stop, () => ReportStep(trainer, detail));
            if (record is null)
            {
                _checkpoints.Save(trainer.Capture());
                throw new OperationCanceledException(context.Stop);
            }
            detail = FormattableString.Invariant($"epoch {record.Epoch}: loss {record.Loss:F3}, accuracy {record.Accuracy:P1}");
            context.Report(stage, trainer.Progress, detail);
            // Logged before it is saved: a record beyond the newest checkpoint is dropped on resuming, a missing one could not be made up.
            RunLog.Append(run.LogPath, record);
            if (record.Epoch % checkpointEvery == 0 || trainer.IsFinished) _checkpoints.Save(trainer.Capture());
        }
    }

    private void SaveIfStopped(Trainer trainer, Action work)
    {
        try
        {
            work();
        }
        catch (OperationCanceledException)
        {
            _checkpoints.Save(trainer.Capture());
            throw;
        }
    }

    // The very last step is reported with the last epoch's figures, by the loop above.
    private void ReportStep(Trainer trainer, string detail)
    {
        if (trainer.Progress < 1) context.Report(stage, trainer.Progress, detail);
    }

    /// <summary>Opens the folder of a run: an existing one when resuming, else a new one.</summary>
    public static RunDirectory OpenFolder(string path, bool resume) =>
        resume && RunDirectory.Exists(path) ? RunDirectory.Open(path) : RunDirectory.Create(path);

    /// <summary>Describes a new run, or makes sure that a resumed one meets the images it was started with.</summary>
    /// <param name="run">The run.</param>
    /// <param name="options">Its options.</param>
    /// <param name="scope">Which of them concern this kind of run.</param>
    /// <param name="data">Its images.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="architecture">The architecture that it trains, if it trains one.</param>
    /// <param name="more">Further facts of a new run.</param>
    public static void DescribeOrCheck(
        RunDirectory run, ExperimentOptions options, OptionScope scope, ExperimentData data, string kind, string? architecture, JsonObject? more = null)
    {
        string fingerprint = data.Fingerprint();
        if (!File.Exists(run.OptionsPath))
        {
            var facts = new JsonObject
            {
                ["kind"] = kind,
                ["version"] = ProductVersion,
                ["data_set"] = data.DataSet,
                ["data_sha256"] = fingerprint,
                ["train_images"] = data.Train.Count,
                ["ranking_images"] = data.Ranking.Count,
                ["ranking_part"] = data.RankingPart,
                ["left_out_images"] = data.LeftOut,
                ["batch_size"] = options.Training.BatchSize,
                ["notes"] = new JsonArray([.. data.Notes.Select(note => JsonValue.Create(note))]),
                ["classes"] = data.Train.Classes,
                ["architecture"] = architecture,
            };
            foreach ((string name, JsonNode? fact) in more ?? []) facts[name] = fact?.DeepClone();
            if (data.Split is { } split) AtomicFile.WriteText(run.File(FolderSplit.FileName), JsonSerializer.Serialize(split, RunJson.Options) + "\n");
            run.Describe(data.AsAsked(options), scope, facts);
            data.SayNotes(isNew: true);
            return;
        }
        data.SayNotes(isNew: false);
        run.RequireKind(kind);
        if (run.ReadFact("data_sha256") != fingerprint)
            throw new BadDataException($"the images of '{options.Data}' are not those with which '{run.Path}' was started: restore them, or start a new run");
        if (architecture is not null && run.ReadFact("architecture") != architecture)
            throw new BadOptionException($"'{run.Path}' trains {run.ReadFact("architecture")}, not {architecture}: choose another place with --out");
    }

    /// <summary>The version of this library, with the commit if the build knew it.</summary>
    public static string ProductVersion { get; } =
        System.Reflection.CustomAttributeExtensions.GetCustomAttribute<System.Reflection.AssemblyInformationalVersionAttribute>(typeof(TrainingSession).Assembly)?.InformationalVersion ?? "unknown";

    /// <summary>Writes the final weights of a network, with all that says what network it is.</summary>
    public static void SaveWeights(RunDirectory run, Supernets.Network network, NamedSpace space, (string Key, string Value) fact)
    {
        var metadata = new Dictionary<string, string> { ["space"] = space.Family.Space.Name, [fact.Key] = fact.Value };
        if (space.Definition is { } definition) metadata["space_definition"] = definition;
        AtomicFile.Write(run.WeightsPath, stream => Exporting.SafeTensors.Write(
            stream, network.State().Select(entry => KeyValuePair.Create(entry.Name, entry.Tensor)), metadata));
    }
}
