using System.Text.Json.Serialization;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Ranking;
using PandaNas.Runtime.Torch;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>What retraining one architecture gave.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="TestAccuracy">On all test images, in [0, 1].</param>
/// <param name="Params">Parameters by the published convention, which counts operations that do not reach the output.</param>
/// <param name="Macs">Multiply-adds for one image by that convention.</param>
/// <param name="LiveParams">Parameters that the saved network has.</param>
/// <param name="LiveMacs">Multiply-adds that it computes.</param>
/// <param name="Epochs">Epochs trained.</param>
/// <param name="Seconds">Time of all epochs together.</param>
/// <param name="Run">The run's folder.</param>
/// <param name="Weights">The file of the weights.</param>
public sealed record RetrainingResult(
    string Architecture, double TestAccuracy, long Params, long Macs, long LiveParams, long LiveMacs, int Epochs, double Seconds,
    string Run, string Weights)
{
    /// <summary>What it worked on and with.</summary>
    [JsonInclude, JsonRequired]
    internal RunSetup Setup { get; init; } = null!;

    /// <summary>On the images held out of training, in [0, 1]; null where there are none.</summary>
    public double? ValidationAccuracy { get; init; }
}

/// <summary>Trains one architecture from scratch as a plain network, and scores it once on the test images.</summary>
internal static class RetrainingExperiment
{
    /// <summary>The name of the work in progress reports.</summary>
    public const string Stage = "retrain";

    private const string ResultName = "retrain.json", ArchitectureFact = "architecture";

    /// <summary>Retrains, or continues a retraining.</summary>
    /// <param name="options">The resolved options.</param>
    /// <param name="text">The architecture in the space's notation.</param>
    /// <param name="folder">The run's folder.</param>
    /// <param name="resume">Whether to continue the run in that folder if there is one.</param>
    /// <param name="context">
    /// Progress, clock and the wish to stop. Where it has ranks, this is rank 0, and each computes a part of every mini-batch; the others
    /// <see cref="Serve"/>.
    /// </param>
    /// <exception cref="OperationCanceledException">Stopped when asked; the run can be resumed.</exception>
    public static RetrainingResult Retrain(RetrainOptions options, string text, string folder, bool resume, RunContext context)
    {
        options = options.Settle();
        using RunDirectory? continued = RunOpening.OpenContinued(folder, resume);
        if (continued is not null) options = RunOpening.Continue(continued, options, RunKind.Standalone);
        else TensorBoardLog.RequireFree(options.TensorBoardFolder);
        options = options with { Threads = TorchRuntime.UseThreads(options.Threads) };
        Device device = TorchRuntime.OpenDevice(options.Device);
        SpaceFamily family = options.Family;
        Architecture architecture = ArchitectureSelection.Parse(family.Space, text);
        using ExperimentData data = ExperimentData.ForRetraining(options, context);
        options = data.Adjust(options);
        ICommunicator? ranks = context.Ranks;
        SharedTraining.Require(options, data, ranks);
        NetworkOptions sizes = data.NetworkOptions(options, standalone: true);
        (Network made, Trainer maker, ChosenPrecision precision) = StandaloneTraining.Prepare(options, data, architecture, device, context);
        using Network network = made;
        using Trainer trainer = maker;
        options = options with { Precision = precision.Choice };
        using RunDirectory run = continued ?? RunDirectory.Create(folder, resume);
        RunOpening.DescribeOrCheck(
            run, options, data, RunKind.Standalone, family.Space.Format(architecture), precision.Trial, SharedTraining.FactsOf(ranks));
        SharedTraining.RequireAsBegun(run, ranks);
        ranks?.Broadcast(() => run.Path, context.Stop);
        var session = new TrainingSession(
            run, options.CheckpointEvery, Stage, context,
            TensorBoardLog.Of(options.TensorBoardFolder, run, data.Statistics, context.Clock));
        session.Resume(trainer);
        if (ranks is not null) SharedTraining.RequireSame(ranks, options, trainer, context.Stop);
        var setup = RunSetup.Of(options, data);
        setup.Say(context);
        session.Run(trainer);
        trainer.UseAverage();

        RunWeights.Save(run, network, options.FoundSpace, ("architecture", family.Space.Format(architecture)));
        var costs = ModelCosts.Of(family, sizes, architecture);
        TestPredictions predictions;
        using (SubnetEvaluator evaluator = Evaluator(options, data, data.Test, network, device))
            predictions = TestPredictions.Of(data.Test, data.TestPaths, evaluator.Classify(architecture));
        ClassificationScore score = predictions.Score();
        run.WriteRecord(TestPredictions.FileName, predictions);
        string notation = family.Space.Format(architecture);
        run.WriteRecord(ModelCard.FileName, new ModelCard(
            ModelCard.CurrentVersion, family.Space.Name,
            options.FoundSpace.Definition is null ? null : options.FoundSpace.Identity,
            notation, sizes, network.Precision,
            data.Train.ClassNames, data.Statistics.Mean, data.Statistics.Deviation,
            data.Fitting?.Fit, options.Background.ToString(), score.Accuracy, costs, score,
            ModelOrigin.Of(
                run, ["retrain", .. StoredOptions.Words<RetrainOptions>(
                    StoredOptions.Texts(data.AsAsked(options), KeyValuePair.Create("architecture", notation)))])));
        var result = new RetrainingResult(
            notation, score.Accuracy, costs.Params, costs.Macs, costs.LiveParams, costs.LiveMacs,
            trainer.Epoch, RunLog.TotalSeconds(run.LogPath), run.Path, run.WeightsPath)
        {
            Setup = setup,
            ValidationAccuracy = options.HoldOut > 0 ? HeldOutAccuracy(options, data, network, architecture, device) : null,
        };
        run.WriteRecord(ResultName, result);
        context.EndStage(run);
        return result;
    }

    /// <summary>Computes, on another rank than 0, a part of every mini-batch of the retraining that rank 0 does.</summary>
    /// <param name="adjust">Changes options that do not affect results: data path, device.</param>
    /// <param name="context">The ranks, the clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">A rank was asked to stop; rank 0 saves.</exception>
    /// <exception cref="PandaNasException">Bad options or data.</exception>
    public static void Serve(Func<RetrainOptions, RetrainOptions> adjust, RunContext context)
    {
        ICommunicator ranks = context.Ranks!;
        using RunDirectory run = RunDirectory.OpenToRead(ranks.Broadcast(() => "", context.Stop));
        RetrainOptions options = RunOpening.Join(run.Path, adjust, context.Catalog);
        Device device = TorchRuntime.OpenDevice(options.Device);
        Architecture architecture = ArchitectureSelection.Parse(options.Family.Space, run.ReadFact(ArchitectureFact));
        using ExperimentData data = ExperimentData.ForRetraining(options, context);
        options = data.Adjust(options);
        (Network network, Trainer trainer, _) = StandaloneTraining.Prepare(options, data, architecture, device, context);
        using (network)
        using (trainer)
        {
            RunOpening.DescribeOrCheck(run, options, data, RunKind.Standalone, run.ReadFact(ArchitectureFact));
            var session = new TrainingSession(run, options.CheckpointEvery, Stage, context);
            session.Resume(trainer);
            SharedTraining.RequireSame(ranks, options, trainer, context.Stop);
            session.RunAlong(trainer);
        }
    }

    /// <summary>The architecture that is retrained in a folder, in its space's notation.</summary>
    /// <exception cref="BadDataException">There is no such run, or it is damaged.</exception>
    internal static string ArchitectureOf(string folder)
    {
        using RunDirectory run = RunDirectory.Open(folder);
        return run.ReadFact(ArchitectureFact);
    }

    /// <summary>The result of the retraining in a folder; null while it is not finished.</summary>
    /// <exception cref="BadDataException">The result's file is damaged.</exception>
    public static RetrainingResult? ReadResult(string folder) =>
        SealedRecord.ReadResult<RetrainingResult>(Path.Combine(folder, ResultName));

    private static double HeldOutAccuracy(
        RetrainOptions options, ExperimentData data, Network network, Architecture architecture, Device device)
    {
        using SubnetEvaluator evaluator = Evaluator(options, data, data.Ranking, network, device);
        return evaluator.Accuracy(architecture);
    }

    private static SubnetEvaluator Evaluator(
        RetrainOptions options, ExperimentData data, LabelledImages images, Network network, Device device) =>
        new(network, EvaluationBatches.Make(images, data.Statistics, SupernetEvaluation.BatchSizeOf(options, data), device));
}
