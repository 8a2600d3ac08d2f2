using PandaNas.Data.Batches;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Models;

/// <summary>Training of one architecture by itself.</summary>
internal static class StandaloneTraining
{
    /// <summary>What trains it: always the same path, images drawn uniformly.</summary>
    /// <param name="options">How.</param>
    /// <param name="data">The images.</param>
    /// <param name="batches">Makes their batches.</param>
    /// <param name="architecture">The architecture.</param>
    /// <param name="network">Its network.</param>
    /// <param name="device">Where that lives.</param>
    /// <param name="clock">Measures.</param>
    public static Trainer MakeTrainer(
        RetrainOptions options, ExperimentData data, IBatchMaker batches, Architecture architecture, Network network, Device device,
        TimeProvider clock) => new(
        network, batches, new FixedPathSampler(network.Space, architecture), new UniformDataSampler(data.Train.Count), options,
        options.Seed, device, clock, lossWeights: data.LossWeights(options));
}
