using static TorchSharp.torch;

namespace PandaNas.Training;

/// <summary>Moments of gradients in equal blocks, whose spread gives an interval without keeping any gradient.</summary>
internal sealed class BlockedMoments : IDisposable
{
    /// <summary>Blocks of a stream of gradients.</summary>
    public const int Blocks = 20;

    // Student's t with 19 degrees of freedom, 97.5%.
    private const double Quantile = 2.0930240544;

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
    public GradientVariance Summarise()
    {
        double[] variances = Total.Variances;
        double meanSquare = Total.MeanSquares.Sum(), squaredMean = Total.SquaredMeans.Sum();
        return new GradientVariance(
            Estimate(variances.Sum(), block => block.Sum()), meanSquare, squaredMean,
            [.. _groups.Names.Select((name, group) => new GroupVariance(name, Estimate(variances[group], block => block[group])))]);
    }

    public void Dispose()
    {
        Total.Dispose();
        _block.Dispose();
    }

    private VarianceEstimate Estimate(double variance, Func<double[], double> ofBlock)
    {
        double scale = (Total.Count - 1.0) / Total.Count;
        double[] values = [.. _ofBlocks.Select(block => ofBlock(block) * scale)];
        double mean = values.Average();
        double deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / (values.Length - 1));
        double half = Quantile * deviation / Math.Sqrt(values.Length);
        return new VarianceEstimate(variance, [Math.Max(0, variance - half), variance + half]);
    }
}
