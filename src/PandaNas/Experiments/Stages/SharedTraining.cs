using System.Globalization;
using System.Text.Json.Nodes;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Training;

namespace PandaNas.Experiments.Stages;

/// <summary>A training of which every rank computes a part of each mini-batch: what that takes, and what the ranks must agree on.</summary>
internal static class SharedTraining
{
    // How many ranks began a run; not there for one process.
    private const string RanksFact = "ranks";

    /// <summary>Throws unless a training can be divided among ranks.</summary>
    /// <exception cref="BadOptionException">An option does not go together with several ranks, or there are too many of these.</exception>
    public static void Require<T>(T options, ExperimentData data, ICommunicator? ranks)
        where T : TrainingRunOptions, ITrainingOptions
    {
        if (ranks is null) return;
        var shared = new SharedBatch(ranks, options.SyncNorm);
        int least = shared.LeastExamples;
        if (options.BatchSize < least)
            throw new BadOptionException(
                "batch-size",
                $"{Mention.Option("batch-size")} is {options.BatchSize}: {ranks.Size} ranks need at least {least}, "
                + $"{PlainText.Count(shared.LeastPart, "image")} each");
        if (data.Train.Count < least)
            throw new BadOptionException(
                $"{data.Train.Count} images train, and {ranks.Size} ranks need at least {least} for a step: start fewer ranks");
        if (options is SupernetOptions { VarianceEvery: > 0 })
            throw new BadOptionException(
                "variance-every", $"{Mention.Option("variance-every")} is measured by one process: leave it out, or start one process");
    }

    /// <summary>What a new run keeps of its ranks; null for one process.</summary>
    public static JsonObject? FactsOf(ICommunicator? ranks) => ranks is null ? null : new JsonObject { [RanksFact] = ranks.Size };

    /// <summary>Throws unless as many ranks go on with a run as began it: others would give other bits.</summary>
    /// <exception cref="BadOptionException">There are more or fewer.</exception>
    public static void RequireAsBegun(RunDirectory run, ICommunicator? ranks)
    {
        int begun = run.HasFact(RanksFact) ? run.ReadFact<int>(RanksFact) : 1, now = ranks?.Size ?? 1;
        if (begun != now)
            throw new BadOptionException(
                $"'{run.Path}' was begun by {Count(begun)} and cannot be continued by {Count(now)}, which would give other numbers: "
                + $"start {Count(begun)}, or train anew with {Mention.Option("out", "another folder")}");
    }

    /// <summary>Throws unless this rank would compute what rank 0 does.</summary>
    /// <exception cref="BadDataException">It would not; the message says what differs.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public static void RequireSame(ICommunicator ranks, TrainingRunOptions options, Trainer trainer, CancellationToken stop) =>
        ranks.RequireSame(
            [
                ("the program's version", ProductVersion.Text),
                ("the number of threads", options.Threads.ToString(CultureInfo.InvariantCulture)),
                ("the device", options.Device),
                ("where the training stands", trainer.Progress.ToString("R", CultureInfo.InvariantCulture)),
            ],
            stop);

    private static string Count(int processes) => processes == 1 ? "one process" : $"{processes} ranks";
}
