using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data.Folders;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Torch;
using PandaNas.Training;

namespace PandaNas.Experiments.Inputs;

/// <summary>How a run is begun, continued, or joined by another rank: with its own options, on its own images.</summary>
internal static class RunOpening
{
    /// <summary>What <c>run.json</c> calls the fingerprint of the images that train.</summary>
    public const string TrainFact = "train_sha256";

    /// <summary>What it calls that of the images that rank or, of a retraining, score.</summary>
    public const string RankingFact = "ranking_sha256";

    /// <summary>What <c>run.json</c> calls the trial that decided the precision; null there if the options did.</summary>
    public const string PrecisionTrialFact = "precision_trial";

    /// <summary>
    /// Opens the run that shall be continued, before anything is decided; null for a new one, which makes its folder with
    /// <see cref="RunDirectory.Create"/> once its options and images are known to be good.
    /// </summary>
    /// <param name="path">The run's folder.</param>
    /// <param name="resume">Whether a run there is to be continued.</param>
    /// <param name="shared">Whether other processes may open it shared.</param>
    /// <exception cref="PandaNasException">There is a run that shall not be continued, or another process is writing into it.</exception>
    public static RunDirectory? OpenContinued(string path, bool resume, bool shared = false)
    {
        if (resume && RunDirectory.Exists(path)) return RunDirectory.Open(path, shared);
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
    public static T Join<T>(string folder, Func<T, T> adjust, Catalog catalog)
        where T : TrainingRunOptions
    {
        T stored = RunDirectory.ReadOptions<T>(folder, catalog);
        TrainingRunOptions options = adjust(stored);
        // As rank 0 decided it, whatever the command line says.
        options = ((T)(options with { Precision = stored.Precision, Split = stored.Split })).Settle();
        return (T)(options with { Threads = TorchRuntime.UseThreads(options.Threads) });
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
                ["version"] = ProductVersion.Text,
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
}
