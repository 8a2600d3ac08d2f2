using System.Collections.Immutable;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data.Folders;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Runtime.Files;
using PandaNas.Runtime.Torch;
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
    /// <summary>What <c>run.json</c> calls the fingerprint of the images that train.</summary>
    public const string TrainFact = "train_sha256";

    /// <summary>What it calls that of the images that rank or, of a retraining, score.</summary>
    public const string RankingFact = "ranking_sha256";

    /// <summary>What <c>run.json</c> calls the trial that decided the precision; null there if the options did.</summary>
    public const string PrecisionTrialFact = "precision_trial";

    private readonly Checkpoints _checkpoints = new(run.CheckpointFolder);

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
            return trainer.RunEpoch(context.Stop, () => ReportStep(trainer, detail));
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

    /// <summary>
    /// Opens the run that shall be continued, before anything is decided; null for a new one, which makes its folder with
    /// <see cref="RunDirectory.Create"/> once its options and images are known to be good.
    /// </summary>
    /// <exception cref="PandaNasException">There is a run that shall not be continued, or another process is writing into it.</exception>
    public static RunDirectory? OpenContinued(string path, bool resume)
    {
        if (resume && RunDirectory.Exists(path)) return RunDirectory.Open(path);
        RunDirectory.RequireNone(path, resume);
        return null;
    }

    /// <summary>
    /// The options with which a run goes on: those given, which must not differ from the run's own, in the precision that it was begun in.
    /// </summary>
    /// <param name="run">The run, locked: whoever called may have read its options before another process changed it.</param>
    /// <param name="options">The options given.</param>
    /// <param name="kind">Its kind.</param>
    /// <exception cref="BadOptionException">An option differs that may not; the message names it.</exception>
    /// <exception cref="BadDataException">The run is damaged or of another kind.</exception>
    public static T Continue<T>(RunDirectory run, T options, string kind)
        where T : TrainingRunOptions
    {
        run.RequireKind(kind);
        T stored = RunDirectory.ReadOptions<T>(run.Path, options.Catalog);
        TrainingRunOptions wanted = options;
        wanted = wanted with
        {
            Precision = options.Precision == PrecisionChoice.Auto ? stored.Precision : options.Precision,
            Split = options.Split ?? stored.Split,
        };
        wanted.RequireContinues(stored, run.Path);
        return (T)wanted;
    }

    /// <summary>The options with which another rank joins what rank 0 has begun in a folder, with torch's threads set.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="adjust">Changes options that do not affect results: data path, device, threads.</param>
    /// <param name="catalog">What the options can name.</param>
    public static SupernetOptions Join(string folder, Func<SupernetOptions, SupernetOptions> adjust, Catalog catalog)
    {
        SupernetOptions stored = RunDirectory.ReadOptions<SupernetOptions>(folder, catalog);
        // As rank 0 decided it, whatever the command line says.
        SupernetOptions options = (adjust(stored) with { Precision = stored.Precision, Split = stored.Split }).Settle();
        return options with { Threads = TorchRuntime.UseThreads(options.Threads) };
    }

    /// <summary>
    /// Describes a new run, or makes sure that a continued one meets the images it was started with; then removes what killed processes
    /// left.
    /// </summary>
    /// <param name="run">The run.</param>
    /// <param name="options">Its options.</param>
    /// <param name="data">Its images.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="architecture">The architecture that it trains, if it trains one.</param>
    /// <param name="precision">The trial that decided its precision, if one did.</param>
    /// <param name="more">Further facts of a new run.</param>
    public static void DescribeOrCheck(
        RunDirectory run, TrainingRunOptions options, ExperimentData data, string kind, string? architecture,
        PrecisionTrialResult? precision = null,
        JsonObject? more = null)
    {
        (string train, string ranking) = (ExperimentData.Fingerprint(data.Train), ExperimentData.Fingerprint(data.Ranking));
        bool isNew = !run.HasBegun;
        if (isNew)
        {
            var facts = new JsonObject
            {
                ["kind"] = kind,
                ["version"] = ProductVersion,
                ["data_set"] = data.DataSet,
                [TrainFact] = train,
                [RankingFact] = ranking,
                ["train_images"] = data.Train.Count,
                ["ranking_images"] = data.Ranking.Count,
                ["ranking_part"] = data.RankingPart,
                ["left_out_images"] = data.LeftOut,
                ["batch_size"] = options.BatchSize,
                ["notes"] = new JsonArray([.. data.Notes.Select(note => JsonValue.Create(note))]),
                ["classes"] = data.Train.Classes,
                ["architecture"] = architecture,
                [PrecisionTrialFact] = JsonSerializer.SerializeToNode(precision, RunJson.Options),
            };
            foreach ((string name, JsonNode? fact) in more ?? []) facts[name] = fact?.DeepClone();
            if (data.Split is { } split) run.WriteRecord(FolderSplit.FileName, split);
            run.Describe(data.AsAsked(options), facts);
        }
        data.SayNotes(isNew);
        run.RequireKind(kind);
        RequireImages("training", TrainFact, train);
        RequireImages(data.RankingPart, RankingFact, ranking);
        if (architecture is not null && run.ReadFact("architecture") != architecture)
            throw new BadOptionException(
                $"'{run.Path}' trains {run.ReadFact("architecture")}, not {architecture}: "
                + $"choose another place with {Mention.Option("out", "the folder")}");
        run.RemoveLeftovers();

        void RequireImages(string part, string fact, string fingerprint)
        {
            if (run.ReadFact(fact) != fingerprint)
                throw new BadDataException(
                    $"the {part} images of '{options.Data}' are not those with which '{run.Path}' was started: "
                    + "restore them, or start a new run");
        }
    }

    /// <summary>The version of this library, with the commit if the build knew it.</summary>
    public static string ProductVersion { get; } =
        typeof(TrainingSession).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Writes the final weights of a network, with all that says what network it is.</summary>
    public static void SaveWeights(RunDirectory run, Supernets.Network network, NamedSpace space, (string Key, string Value) fact)
    {
        var metadata = new Dictionary<string, string> { ["space"] = space.Family.Space.Name, [fact.Key] = fact.Value };
        if (space.Definition is { } definition) metadata["space_definition"] = definition;
        if (FiniteTensors.Explain(network.State()) is { } broken)
            throw new Checkpoints(run.CheckpointFolder).Diverged($"at its end: {broken}");
        run.RequireHeld();
        AtomicFile.Write(run.WeightsPath, stream => Exporting.SafeTensors.Write(
            stream, network.State().Select(entry => KeyValuePair.Create(entry.Name, entry.Tensor)), metadata));
    }

    /// <summary>Loads the final weights of a network.</summary>
    /// <exception cref="BadDataException">The file is missing, damaged, or of another network.</exception>
    public static void LoadWeights(Supernets.Network network, string path)
    {
        Dictionary<string, TorchSharp.torch.Tensor> tensors = Exporting.SafeTensors.Read(path);
        try
        {
            if (FiniteTensors.Explain(tensors.Select(entry => (entry.Key, entry.Value))) is { } broken)
                throw new BadDataException($"cannot use '{path}': {broken}. Restore the file, or train anew.");
            network.Load(tensors, path);
        }
        finally
        {
            foreach (TorchSharp.torch.Tensor tensor in tensors.Values) tensor.Dispose();
        }
    }
}
