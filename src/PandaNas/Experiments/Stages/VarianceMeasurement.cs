using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using PandaNas.Supernets;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Stages;

/// <summary>The gradient variance under one pair of distributions.</summary>
/// <param name="Name">The pair: uniform, pa, da or panda.</param>
/// <param name="Raw">Of the gradients as training takes them.</param>
/// <param name="Corrected">Of the importance-weighted gradients; null where the sampling leaves something out for good.</param>
/// <param name="PathEffectiveSamples">How many equally weighted paths would say as much as the corrected ones.</param>
internal sealed record PairVariance(string Name, GradientVariance Raw, GradientVariance? Corrected, double? PathEffectiveSamples);

/// <summary>A line of a run's log.</summary>
/// <param name="Epoch">After which epoch.</param>
/// <param name="Samples">Gradients a pair.</param>
/// <param name="GradientVariance">The pairs.</param>
/// <param name="MeasuringSeconds">Time that it took, which is no training time.</param>
internal sealed record VarianceRecord(int Epoch, int Samples, ImmutableArray<PairVariance> GradientVariance, double MeasuringSeconds)
{
    /// <summary>The key by which such a line is known.</summary>
    public const string Key = "gradient_variance";
}

/// <summary>
/// Measures the gradient variance of a supernet under what its samplers sample now: <c>pa</c> takes their paths, <c>da</c> their
/// examples, <c>panda</c> both, <c>uniform</c> neither. A sampler that does not draw every choice by itself counts as uniform.
/// </summary>
/// <param name="network">The supernet.</param>
/// <param name="batches">Makes mini-batches of the training part.</param>
/// <param name="paths">The path sampler; not drawn from.</param>
/// <param name="data">The data sampler; not drawn from.</param>
/// <param name="batchSize">Examples a mini-batch.</param>
/// <param name="device">Where the network lives.</param>
internal sealed class VarianceMeasurement(
    Network network, IBatchMaker batches, IPathSampler paths, IDataSampler data, int batchSize, Device device)
{
    private static readonly ImmutableArray<(string Name, bool Paths, bool Data)> Pairs =
        [.. VarianceOptions.AllDistributions.Select(name => (name, name is "pa" or "panda", name is "da" or "panda"))];

    /// <summary>
    /// Measures pair after pair, with the same draws wherever two pairs draw from the same. Pairs that sample alike are measured once.
    /// </summary>
    /// <param name="names">Which pairs.</param>
    /// <param name="samples">M: gradients a pair.</param>
    /// <param name="seed">Decides every random number.</param>
    /// <param name="purpose">What the random streams are for.</param>
    /// <param name="stage">The name of the work in progress reports.</param>
    /// <param name="context">Progress and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public ImmutableArray<PairVariance> Measure(
        IReadOnlyList<string> names, int samples, long seed, string purpose, string stage, RunContext context)
    {
        var estimator = new GradientVarianceEstimator(network, batches, batchSize, device);
        var uniformPaths = PathDistribution.Uniform(network.Space);
        PathDistribution? ownPaths = paths.Distribution is { IsUniform: false } distribution ? distribution : null;
        double[] examples = data.Probabilities.ToArray(), uniformExamples = [.. Enumerable.Repeat(1.0 / examples.Length, examples.Length)];
        ImmutableArray<(string Name, bool Paths, bool Data)> wanted =
        [
            .. names.Select(name => Pairs.First(pair => pair.Name == name))
                .Select(pair => (pair.Name, pair.Paths && ownPaths is not null, pair.Data && data.NeedsImportance)),
        ];
        ImmutableArray<(string Name, bool Paths, bool Data)> different = [.. wanted.DistinctBy(pair => (pair.Paths, pair.Data))];
        double total = (double)samples * different.Length;
        int done = 0;
        Dictionary<(bool, bool), GradientVariances> found =
            different.ToDictionary(pair => (pair.Paths, pair.Data), pair => estimator.Estimate(
            pair.Paths ? ownPaths! : uniformPaths, pair.Data ? examples : uniformExamples, samples, seed, purpose,
            context.Stop, () => context.Report(stage, ++done / total, pair.Name)));
        return
        [
            .. wanted.Select(pair => (pair.Name, Found: found[(pair.Paths, pair.Data)]))
                .Select(pair => new PairVariance(pair.Name, pair.Found.Raw, pair.Found.Corrected, pair.Found.PathEffectiveSamples)),
        ];
    }
}
