using System.Collections.Immutable;
using System.Text.Json;
using PandaNas.Data.Batches;
using PandaNas.Distributed;
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
    /// <param name="context">
    /// Progress and the wish to stop. Where it has ranks, this is rank 0, and each measures whole pairs; the others <see cref="Serve"/>.
    /// </param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public ImmutableArray<PairVariance> Measure(
        IReadOnlyList<string> names, int samples, long seed, string purpose, string stage, RunContext context)
    {
        (string Name, bool Paths, bool Data)[] wanted = [.. names.Select(Found)], different = Different(wanted);
        double total = (double)samples * different.Length;
        int done = 0;
        GradientVariances Here(int i, CancellationToken stop) => Estimate(
            different[i], samples, seed, purpose, stop,
            () => context.Report(stage, Interlocked.Increment(ref done) / total, different[i].Name));

        var found = new GradientVariances[different.Length];
        if (context.Ranks is { } ranks)
        {
            using var farm = new TaskFarm(ranks, ahead: 0);
            farm.Run(
                different.Length, BitConverter.GetBytes,
                (i, stop) => JsonSerializer.SerializeToUtf8Bytes(Here(i, stop), RunJson.Options),
                (i, message) => found[i] = JsonSerializer.Deserialize<GradientVariances>(message, RunJson.Options)!, context.Stop);
        }
        else
        {
            for (int i = 0; i < found.Length; i++) found[i] = Here(i, context.Stop);
        }
        return
        [
            .. wanted.Select(pair => (
                    pair.Name, Found: found[Array.FindIndex(different, one => (one.Paths, one.Data) == (pair.Paths, pair.Data))]))
                .Select(pair => new PairVariance(pair.Name, pair.Found.Raw, pair.Found.Corrected, pair.Found.PathEffectiveSamples)),
        ];
    }

    /// <summary>Measures, on another rank than 0, the pairs that rank 0 asks for, until it needs no more.</summary>
    /// <param name="names">As for <see cref="Measure"/>, and so on.</param>
    /// <param name="samples">M.</param>
    /// <param name="seed">The seed.</param>
    /// <param name="purpose">The purpose.</param>
    /// <param name="context">The ranks and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    public void Serve(IReadOnlyList<string> names, int samples, long seed, string purpose, RunContext context)
    {
        (string Name, bool Paths, bool Data)[] different = Different([.. names.Select(Found)]);
        TaskFarm.Serve(
            context.Ranks!,
            (task, stop) => JsonSerializer.SerializeToUtf8Bytes(
                Estimate(different[BitConverter.ToInt32(task)], samples, seed, purpose, stop, null), RunJson.Options),
            context.Stop);
    }

    private PathDistribution? OwnPaths => paths.Distribution is { IsUniform: false } distribution ? distribution : null;

    private (string Name, bool Paths, bool Data) Found(string name)
    {
        (_, bool ofPaths, bool ofData) = Pairs.First(pair => pair.Name == name);
        return (name, ofPaths && OwnPaths is not null, ofData && data.NeedsImportance);
    }

    private static (string Name, bool Paths, bool Data)[] Different((string Name, bool Paths, bool Data)[] wanted) =>
        [.. wanted.DistinctBy(pair => (pair.Paths, pair.Data))];

    private GradientVariances Estimate(
        (string Name, bool Paths, bool Data) pair, int samples, long seed, string purpose, CancellationToken stop, Action? afterSample)
    {
        double[] examples = data.Probabilities.ToArray();
        if (!pair.Data) examples = [.. Enumerable.Repeat(1.0 / examples.Length, examples.Length)];
        return new GradientVarianceEstimator(network, batches, batchSize, device).Estimate(
            pair.Paths ? OwnPaths! : PathDistribution.Uniform(network.Space), examples, samples, seed, purpose, stop, afterSample);
    }
}
