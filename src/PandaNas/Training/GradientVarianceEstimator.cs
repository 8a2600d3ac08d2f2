using PandaNas.Data.Batches;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>
/// Estimates the gradient variance of a supernet that stands still (algorithm.md): M times a path a ~ p and a mini-batch of B examples,
/// each x ~ q with replacement and augmented, give a gradient of the mean loss over all parameters, 0 where the path has none.
/// Memory does not depend on M. The network's weights and every random stream of a training stay as they are.
/// </summary>
/// <remarks>
/// Corrected gradients are those of w(a)·(1/B)Σ ℓ(a, x)/(N·q(x)), with w(a) the product over the choices of (1/K)/p. Their mean
/// is that of uniform sampling where an example's loss depends on the example alone. Batch statistics tie the examples of a
/// batch together, so with batch norm this holds but nearly.
/// </remarks>
/// <param name="network">The supernet.</param>
/// <param name="batches">Makes mini-batches of the training part.</param>
/// <param name="batchSize">B, at least 2.</param>
/// <param name="device">Where the network lives.</param>
internal sealed class GradientVarianceEstimator(Network network, IBatchMaker batches, int batchSize, Device device)
{
    /// <summary>The fewest samples from which an interval can be made: two in each of 20 blocks.</summary>
    public const int FewestSamples = 2 * BlockedMoments.Blocks;

    private readonly ParameterGroups _groups = new(network);
    private readonly Tensor[] _weights = [.. network.Weights.Select(weight => weight.Tensor)];

    /// <summary>The variance under a pair of distributions.</summary>
    /// <param name="paths">p.</param>
    /// <param name="examples">q: the probability of each training example.</param>
    /// <param name="samples">M, at least <see cref="FewestSamples"/>.</param>
    /// <param name="seed">Decides paths, examples and augmentation; pairs that share p or q then share those draws too.</param>
    /// <param name="purpose">What the random streams are for; another purpose gives other draws.</param>
    /// <param name="stop">Asks to give up.</param>
    /// <param name="afterSample">Called after every sample.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked.</exception>
    /// <exception cref="RunFailedException">A gradient is not finite.</exception>
    public GradientVariances Estimate(
        PathDistribution paths, double[] examples, int samples, long seed, string purpose,
        CancellationToken stop = default, Action? afterSample = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, FewestSamples);
        using var raw = new BlockedMoments(_weights, _groups);
        bool correctable = paths.CoversAll && examples.All(probability => probability > 0);
        using BlockedMoments? corrected = correctable ? new BlockedMoments(_weights, _groups) : null;
        double effective = Accumulate(paths, examples, samples, seed, purpose, raw, corrected, stop, afterSample);
        var bootstrap = new StudentizedBootstrap(BlockedMoments.Blocks, RandomStream.Derive(seed, purpose + "-intervals"));
        GradientVariance summary = raw.Summarise(bootstrap);
        if (!double.IsFinite(summary.MeanSquaredNorm))
            throw new RunFailedException("the gradients are not finite numbers: this supernet's training diverged");
        return new GradientVariances(summary, corrected?.Summarise(bootstrap), corrected is null ? null : effective);
    }

    /// <summary>Draws the samples into moments, and gives the effective number of paths.</summary>
    internal double Accumulate(
        PathDistribution paths, double[] examples, int samples, long seed, string purpose,
        BlockedMoments raw, BlockedMoments? corrected, CancellationToken stop = default, Action? afterSample = null)
    {
        RandomStream pathStream = RandomStream.Derive(seed, purpose + "-paths");
        RandomStream dataStream = RandomStream.Derive(seed, purpose + "-data");
        RandomStream augmentationStream = RandomStream.Derive(seed, purpose + "-augmentation");
        var table = new AliasTable(examples);
        bool uniformData = examples.All(probability => probability == examples[0]);
        var gradients = new Tensor?[_weights.Length];
        var drawn = new int[batchSize];
        double weightSum = 0, weightSquares = 0;
        for (int sample = 0, block = 0; sample < samples; sample++)
        {
            stop.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            Architecture path = paths.Draw(pathStream);
            for (int i = 0; i < drawn.Length; i++) drawn[i] = table.Draw(dataStream);
            Batch batch = batches.Make(drawn, augmentationStream, device);
            PathGradient.Compute(network, path, batch, null, gradients);
            raw.Add(gradients, 1);
            if (corrected is not null)
            {
                double weight = paths.UniformRatio(path);
                weightSum += weight;
                weightSquares += weight * weight;
                // Weights of examples are inside the loss, so they need a backward pass of their own.
                if (!uniformData) Recompute(path, batch, TrainingLoss.WeightsAgainst(examples, drawn), gradients);
                corrected.Add(gradients, weight);
            }
            GradientSum.Clear(gradients);
            if (sample + 1 == (long)samples * (block + 1) / BlockedMoments.Blocks)
            {
                raw.EndBlock();
                corrected?.EndBlock();
                block++;
            }
            afterSample?.Invoke();
        }
        return weightSum * weightSum / weightSquares;
    }

    private void Recompute(Architecture path, Batch batch, float[] lossWeights, Tensor?[] gradients)
    {
        GradientSum.Clear(gradients);
        PathGradient.Compute(network, path, batch, lossWeights, gradients);
    }
}
