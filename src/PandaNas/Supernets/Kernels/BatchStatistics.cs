namespace PandaNas.Supernets.Kernels;

/// <summary>Mean and variance per channel of one batch.</summary>
internal sealed class BatchStatistics
{
    /// <summary>The mean of every channel.</summary>
    public double[] Mean { get; private set; } = [];

    /// <summary>The biased variance of every channel.</summary>
    public double[] Variance { get; private set; } = [];

    /// <summary>1/√(variance + ε) of every channel.</summary>
    public double[] InverseDeviation { get; private set; } = [];

    /// <summary>How many values a channel has.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes the statistics of channels-last memory.</summary>
    public void Measure<T>(nint x, ChannelLayout layout, double epsilon)
        where T : struct, IElement
    {
        Rows = layout.Rows;
        (double[] sums, double[] squares) = NodeKernels.Moments<T>(x, layout);
        Mean = Array.ConvertAll(sums, sum => sum / Rows);
        Variance = [.. squares.Zip(Mean, (square, mean) => Math.Max(0, square / Rows - mean * mean))];
        InverseDeviation = Array.ConvertAll(Variance, variance => 1 / Math.Sqrt(variance + epsilon));
    }
}
