using PandaNas.Statistics;
using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Moments of gradients in equal blocks, whose spread gives an interval without keeping any gradient.</summary>
internal sealed class BlockedMoments : IDisposable
{
    /// <summary>Blocks of a stream of gradients.</summary>
    public const int Blocks = 20;

    private readonly ParameterGroups _groups;
    private readonly GradientMoments _block;
    private readonly List<double[]> _ofBlocks = [];

    public BlockedMoments(IReadOnlyList<Tensor> weights, ParameterGroups groups)
    {
        _groups = groups;
        Total = new GradientMoments(weights, groups);
        _block = new GradientMoments(weights, groups);
    }

    /// <summary>Of all finished blocks.</summary>
    public GradientMoments Total { get; }

    /// <summary>Adds one gradient to the block at hand.</summary>
    public void Add(Tensor?[] gradients, double factor) => _block.Add(gradients, factor);

    /// <summary>Ends the block at hand, which has two gradients or more.</summary>
    public void EndBlock()
    {
        // n/(n-1), so that blocks and total estimate the same whatever their sizes.
        _ofBlocks.Add([.. _block.Variances.Select(variance => variance * _block.Count / (_block.Count - 1))]);
        Total.Take(_block);
    }

    /// <summary>Variance and interval, in all and by group.</summary>
    /// <param name="bootstrap">For samples of <see cref="Blocks"/> values.</param>
    public GradientVariance Summarise(StudentizedBootstrap bootstrap)
    {
        double[] variances = Total.Variances;
        double meanSquare = Total.MeanSquares.Sum(), squaredMean = Total.SquaredMeans.Sum();
        IEnumerable<GroupVariance> groups = _groups.Names.Select((name, group) =>
            new GroupVariance(name, Estimate(bootstrap, variances[group], block => block[group])));
        return new GradientVariance(Estimate(bootstrap, variances.Sum(), block => block.Sum()), meanSquare, squaredMean, [.. groups]);
    }

    public void Dispose()
    {
        Total.Dispose();
        _block.Dispose();
    }

    private VarianceEstimate Estimate(StudentizedBootstrap bootstrap, double variance, Func<double[], double> ofBlock)
    {
        double scale = (Total.Count - 1.0) / Total.Count;
        Interval interval = bootstrap.Around(variance, [.. _ofBlocks.Select(block => ofBlock(block) * scale)]);
        return new VarianceEstimate(variance, interval with { Lower = Math.Max(0, interval.Lower) });
    }
}
