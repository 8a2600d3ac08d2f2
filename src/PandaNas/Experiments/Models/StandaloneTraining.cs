using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Models;

/// <summary>Training of one architecture by itself.</summary>
internal static class StandaloneTraining
{
    /// <summary>The network at its initial weights in the precision that was measured or asked for, and what trains it.</summary>
    /// <param name="options">How.</param>
    /// <param name="data">The images.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="device">Where the network lives.</param>
    /// <param name="context">The clock, and the ranks that divide the training, if any.</param>
    public static (Network Network, Trainer Trainer, ChosenPrecision Precision) Prepare(
        RetrainOptions options, ExperimentData data, Architecture architecture, Device device, RunContext context)
    {
        SpaceFamily family = options.Family;
        NetworkOptions sizes = data.NetworkOptions(options, standalone: true);
        family.Validate(sizes);
        Network network = family.Standalone(sizes, architecture, device, RandomStream.Derive(options.Seed, "weights"));
        try
        {
            IBatchMaker batches = data.Train.Batches(data.Statistics, data.Augmentation(options));
            ChosenPrecision precision = PrecisionResolver.Resolve(
                options.Precision, network, batches, Math.Min(options.BatchSize, data.Train.Count), architecture, options.Seed,
                device, context.Clock);
            var trainer = new Trainer(
                network, batches, new FixedPathSampler(family.Space, architecture), new UniformDataSampler(data.Train.Count),
                options, options.Seed, device, context.Clock, lossWeights: data.LossWeights(options), ranks: context.Ranks);
            return (network, trainer, precision);
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }
}
