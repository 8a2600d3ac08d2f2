using PandaNas.Data.Batches;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Samples;

/// <summary>Uses the file that retraining exported as another program would.</summary>
internal static class ExportedFile
{
    /// <summary>Whether a network that is read from the file classifies the test images exactly as well as the retrained one did.</summary>
    /// <param name="run">The folder of the retraining.</param>
    public static bool Check(string run)
    {
        RetrainOptions options = RunDirectory.ReadOptions<RetrainOptions>(run, Catalog.Default.With(GatedSpace.Family));
        RetrainingResult retrained = RetrainingExperiment.ReadResult(run)!;
        Architecture architecture = GatedSpace.Family.Space.Parse(retrained.Architecture);
        using ExperimentData data = ExperimentData.ForRetraining(options, RunContext.Quiet);
        // Other initial weights: all must come from the file.
        using Network network = GatedSpace.Family.Standalone(
            data.NetworkOptions(options, standalone: true), architecture, CPU, RandomStream.Derive(99, "other"));
        network.Precision = options.Precision == PrecisionChoice.BFloat16 ? Precision.BFloat16 : Precision.Float32;
        network.Load(SafeTensors.Read(retrained.Weights), retrained.Weights);

        using var evaluator = new SubnetEvaluator(network, EvaluationBatches.Make(data.Test, data.Statistics, 512, CPU));
        double accuracy = evaluator.Accuracy(architecture);
        bool same = accuracy == retrained.TestAccuracy;
        Console.WriteLine(FormattableString.Invariant(
            $"Read back from {Path.GetFileName(retrained.Weights)}: test accuracy {accuracy:P2}, {(same ? "the same" : "NOT the same")}."));
        return same;
    }
}
