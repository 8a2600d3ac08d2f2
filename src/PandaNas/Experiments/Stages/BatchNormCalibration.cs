using PandaNas.Data.Batches;
using PandaNas.Experiments.Options;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>Which training images make the running statistics of the architectures of a supernet.</summary>
internal static class BatchNormCalibration
{
    /// <summary>The calibration that the options ask for: the same images for every architecture; null for a supernet without running statistics.</summary>
    public static StatisticsCalibration? Of(SupernetOptions options, ExperimentData data, Network network, Device device)
    {
        int batches = Math.Min(RequestedNetwork.CalibrationBatches(options), data.Train.Count / options.BatchSize);
        if (batches == 0) return null;
        int[] examples = RandomStream.Derive(options.Seed, "calibration").Permutation(data.Train.Count);
        IBatchMaker maker = data.Train.Batches(data.Statistics, Augmentation.None);
        ReadOnlyMemory<int> order = examples.AsMemory(0, batches * options.BatchSize);
        return new StatisticsCalibration(network, batches, () => maker.Feed(order, options.BatchSize, null, device));
    }
}
