using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Scoring;

/// <summary>Which training images make the running statistics of the architectures of a supernet.</summary>
internal static class BatchNormCalibration
{
    /// <summary>
    /// The calibration that the options ask for: the same images for every architecture; null for a supernet without running statistics.
    /// </summary>
    public static StatisticsCalibration? Of(SupernetOptions options, ExperimentData data, Network network, Device device) =>
        Batches(options, data, 0) is var batches and > 0 ? Of(options, data, network, device, batches) : null;

    /// <summary>How many batches the options ask for, of those that there are.</summary>
    /// <param name="options">The options.</param>
    /// <param name="data">The images.</param>
    /// <param name="usual">How many where the options ask for none.</param>
    public static int Batches(SupernetOptions options, ExperimentData data, int usual)
    {
        int asked = RequestedNetwork.CalibrationBatches(options);
        return Math.Min(asked > 0 ? asked : usual, data.Train.Count / options.BatchSize);
    }

    /// <summary>The calibration on some batches.</summary>
    public static StatisticsCalibration Of(SupernetOptions options, ExperimentData data, Network network, Device device, int batches)
    {
        int[] examples = RandomStream.Derive(options.Seed, "calibration").Permutation(data.Train.Count);
        IBatchMaker maker = data.Train.Batches(data.Statistics, Augmentation.None);
        ReadOnlyMemory<int> order = examples.AsMemory(0, batches * options.BatchSize);
        return new StatisticsCalibration(network, batches, () => maker.Feed(order, options.BatchSize, null, device));
    }
}
