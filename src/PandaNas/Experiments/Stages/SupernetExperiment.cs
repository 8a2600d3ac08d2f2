using System.Collections.Immutable;
using System.Text.Json.Serialization;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Ranking;
using PandaNas.Runtime.Torch;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>What training a supernet gave.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Method">The training method.</param>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="Seconds">Time of all epochs together.</param>
/// <param name="ValidationAccuracy">
/// Mean accuracy of ten uniformly drawn architectures on the ranking images; null of 0 epochs.
/// </param>
/// <param name="PathProbabilities">The final probability of every kind of operation, by name; empty of 0 epochs.</param>
/// <param name="RankingPart">Which images that accuracy is from: validation or test.</param>
public sealed record SupernetResult(
    string Run,
    string Method,
    int Epochs,
    double Seconds,
    double? ValidationAccuracy,
    ImmutableSortedDictionary<string, double> PathProbabilities,
    string RankingPart)
{
    /// <summary>What it worked on and with.</summary>
    [JsonInclude, JsonRequired]
    internal RunSetup Setup { get; init; } = null!;
}

/// <summary>Trains a supernet in a run directory.</summary>
internal static class SupernetExperiment
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "train supernet";

    private const string ResultName = "train.json";
    private const int ValidationPaths = 10;

    /// <summary>Trains, or continues a training.</summary>
    /// <param name="options">The resolved options.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resume">Whether to continue the run in that folder if there is one.</param>
    /// <param name="context">
    /// Progress, clock and the wish to stop. Where it has ranks, this is rank 0, and each computes a part of every mini-batch; the others
    /// <see cref="Serve"/>.
    /// </param>
    /// <exception cref="OperationCanceledException">Stopped when asked; the run can be resumed.</exception>
    /// <exception cref="PandaNasException">Bad options or data, or a failure to write.</exception>
    public static SupernetResult Train(SupernetOptions options, string folder, bool resume, RunContext context)
    {
        options = options.Settle();
        using RunDirectory? continued = RunOpening.OpenContinued(folder, resume);
        if (continued is not null) options = RunOpening.Continue(continued, options, RunKind.Supernet);
        else TensorBoardLog.RequireFree(options.TensorBoardFolder);
        options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
        Device device = TorchRuntime.OpenDevice(options.Device);
        using ExperimentData data = ExperimentData.ForSupernet(options, context);
        using var supernet = new SupernetSetup(data.Adjust(options), data, device);
        ICommunicator? ranks = context.Ranks;
        SharedTraining.Require(supernet.Options, data, ranks);
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume);
        bool trains = options.Epochs > 0;
        ChosenPrecision precision = trains ? supernet.DecidePrecision(context.Clock) : new ChosenPrecision(options.Precision, null);
        options = supernet.Options;
        // Said where it was measured; who names a precision knows it.
        if (precision.Trial is not null) context.Report(Stage, 0, precision.Say("a step"));
        RunOpening.DescribeOrCheck(
            run, options, data, RunKind.Supernet, null, precision.Trial, SharedTraining.FactsOf(ranks));
        SharedTraining.RequireAsBegun(run, ranks);
        ranks?.Broadcast(() => run.Path, context.Stop);
        if (!trains)
            return Finish(
                run,
                new SupernetResult(
                    run.Path, options.Method, 0, 0, null, ImmutableSortedDictionary<string, double>.Empty, data.RankingPart)
                {
                    Setup = RunSetup.Of(options, data),
                },
                context);

        using Trainer trainer = supernet.NewTrainer(context.Clock, ranks);
        var session = new TrainingSession(
            run, options.CheckpointEvery, Stage, context,
            TensorBoardLog.Of(options.TensorBoardFolder, run, data.Statistics, context.Clock));
        session.Resume(trainer);
        if (ranks is not null) SharedTraining.RequireSame(ranks, options, trainer, context.Stop);
        RunSetup.Of(options, data).Say(context);
        VarianceMeasurement variance = supernet.NewMeasurement();
        session.Run(trainer, () => RecordVariance(options, run, trainer.Epoch, variance, context));
        trainer.UseAverage();

        RunWeights.Save(run, supernet.Network, options.FoundSpace, ("method", options.Method));
        if (DrawnImages.Of(data.Train, trainer.DataProbabilities) is { } drawn) run.WriteRecord(DrawnImages.FileName, drawn);
        return Finish(run, Summarise(options, run, data, supernet.Network, trainer, device), context);
    }

    /// <summary>Computes, on another rank than 0, a part of every mini-batch of the training that rank 0 does.</summary>
    /// <param name="adjust">Changes options that do not affect results: data path, device.</param>
    /// <param name="context">The ranks, the clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">A rank was asked to stop; rank 0 saves.</exception>
    /// <exception cref="PandaNasException">Bad options or data.</exception>
    public static void Serve(Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        ICommunicator ranks = context.Ranks!;
        using RunDirectory run = RunDirectory.OpenToRead(ranks.Broadcast(() => "", context.Stop));
        SupernetOptions options = RunOpening.Join(run.Path, adjust, context.Catalog);
        if (options.Epochs == 0) return;
        Device device = TorchRuntime.OpenDevice(options.Device);
        using ExperimentData data = ExperimentData.ForSupernet(options, context);
        using var supernet = new SupernetSetup(data.Adjust(options), data, device);
        supernet.DecidePrecision(context.Clock);
        RunOpening.DescribeOrCheck(run, supernet.Options, data, RunKind.Supernet, null);
        using Trainer trainer = supernet.NewTrainer(context.Clock, ranks);
        var session = new TrainingSession(run, options.CheckpointEvery, Stage, context);
        session.Resume(trainer);
        SharedTraining.RequireSame(ranks, supernet.Options, trainer, context.Stop);
        session.RunAlong(trainer);
    }

    /// <summary>The result of the training in a folder; null while it is not finished.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static SupernetResult? ReadResult(string folder) => SealedRecord.ReadResult<SupernetResult>(Path.Combine(folder, ResultName));

    private static SupernetResult Finish(RunDirectory run, SupernetResult result, RunContext context)
    {
        run.WriteRecord(ResultName, result);
        context.EndStage(run);
        return result;
    }

    // Once for every due epoch, also when stopped in the middle of it.
    private static void RecordVariance(
        SupernetOptions options, RunDirectory run, int epoch, VarianceMeasurement variance, RunContext context)
    {
        if (options.VarianceEvery == 0 || epoch == 0 || epoch % options.VarianceEvery != 0) return;
        if (RunLog.Has(run.LogPath, epoch, VarianceRecord.Key)) return;
        long started = context.Clock.GetTimestamp();
        var measured = variance.Measure(
            VarianceOptions.AllDistributions, options.VarianceSamples, options.Seed, $"variance-{epoch}",
            $"gradient variance after epoch {epoch}", context);
        run.RequireHeld();
        RunLog.Append(
            run.LogPath, new VarianceRecord(epoch, options.VarianceSamples, measured, context.Clock.GetElapsedTime(started).TotalSeconds));
    }

    private static SupernetResult Summarise(
        SupernetOptions options, RunDirectory run, ExperimentData data, Network network, Trainer trainer, Device device)
    {
        using var evaluator = new SubnetEvaluator(
            network, EvaluationBatches.Make(data.Ranking, data.Statistics, SupernetEvaluation.BatchSizeOf(options, data), device),
            BatchNormCalibration.Of(options, data, network, device));
        RandomStream random = RandomStream.Derive(options.Seed, "validation-paths");
        double accuracy = Enumerable.Range(0, ValidationPaths).Average(
            _ => evaluator.Accuracy(UniformArchitectures.Draw(network.Space, random)));
        ImmutableArray<double> probabilities = trainer.PathProbabilities;
        return new SupernetResult(
            run.Path, options.Method, trainer.Epoch, RunLog.TotalSeconds(run.LogPath), accuracy,
            network.Space.Operations.Select((name, i) => KeyValuePair.Create(name, probabilities[i])).ToImmutableSortedDictionary(
                StringComparer.Ordinal),
            data.RankingPart)
        {
            Setup = RunSetup.Of(options, data),
        };
    }
}
