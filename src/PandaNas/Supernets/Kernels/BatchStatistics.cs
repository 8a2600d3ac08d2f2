using PandaNas.Distributed;

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

    /// <summary>Takes the statistics of several inputs in channels-last memory.</summary>
    /// <param name="inputs">What receives the statistics, and where the values are.</param>
    /// <param name="layout">Of every input.</param>
    /// <param name="epsilon">Added to the variances.</param>
    /// <param name="ranks">Each has a part of the batch; null where the whole is here.</param>
    public static void Measure<T>(
        (BatchStatistics Statistics, nint Values)[] inputs, ChannelLayout layout, double epsilon, ICommunicator? ranks)
        where T : struct, IElement
    {
        if (inputs.Length == 0) return;
        (double[] Sums, double[] Squares)[] moments = Array.ConvertAll(inputs, input => NodeKernels.Moments<T>(input.Values, layout));
        // One message for all inputs.
        (long rows, moments) = OfBatch(moments, layout.Rows, ranks);
        for (int i = 0; i < inputs.Length; i++) inputs[i].Statistics.Take(moments[i], rows, epsilon);
    }

    /// <summary>Takes the statistics of one input from its Σx and Σx² per channel.</summary>
    /// <param name="moments">Of the values that are here.</param>
    /// <param name="rows">How many values a channel has here.</param>
    /// <param name="epsilon">Added to the variances.</param>
    /// <param name="ranks">As for <see cref="Measure"/>.</param>
    public void Take((double[] Sums, double[] Squares) moments, long rows, double epsilon, ICommunicator? ranks)
    {
        (rows, (double[], double[])[] all) = OfBatch([moments], rows, ranks);
        Take(all[0], rows, epsilon);
    }

    /// <summary>
    /// Σg and Σg·(x − mean) per channel over the values of all ranks, from those of the values here. Each rank goes back from the mean
    /// loss of its own part of the batch, so what others give is weighed by how much larger their parts are than this one.
    /// </summary>
    /// <param name="sums">Of the gradient.</param>
    /// <param name="products">Of one or more inputs.</param>
    /// <param name="rows">How many values a channel has here.</param>
    /// <param name="ranks">As for <see cref="Measure"/>.</param>
    public static (double[] Sums, double[][] Products) GradientsOfBatch(
        double[] sums, double[][] products, long rows, ICommunicator? ranks)
    {
        if (ranks is null) return (sums, products);
        double[] total = ranks.Total([.. sums.Concat(products.SelectMany(values => values)).Select(value => value * rows)]);
        double[][] parts = [.. total.Select(value => value / rows).Chunk(sums.Length)];
        return (parts[0], parts[1..]);
    }

    /// <summary>
    /// The gradient at an input as a·g + b·x + d, per channel (Ioffe and Szegedy 2015, written as a function of gradient and input).
    /// </summary>
    /// <param name="scale">What multiplies the normalised values, or null.</param>
    /// <param name="sums">Σg over the whole batch.</param>
    /// <param name="products">Σg·(x − mean) over it.</param>
    public (float[] A, float[] B, float[] D) GradientCoefficients(float[]? scale, double[] sums, double[] products)
    {
        int channels = Mean.Length;
        float[] a = new float[channels], b = new float[channels], d = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double inverse = InverseDeviation[c];
            double slope = inverse * (scale?[c] ?? 1);
            double curve = -slope * inverse * inverse * products[c] / Rows;
            (a[c], b[c], d[c]) = ((float)slope, (float)curve, (float)(-slope * sums[c] / Rows - curve * Mean[c]));
        }
        return (a, b, d);
    }

    /// <summary>The normalised values, scaled and shifted, as slope·x + offset per channel.</summary>
    /// <param name="scale">What multiplies the normalised values, or null.</param>
    /// <param name="shift">What is added to them, or null.</param>
    public (float[] Slopes, float[] Offsets) Line(float[]? scale, float[]? shift)
    {
        double[] slopes = [.. InverseDeviation.Select((inverse, c) => inverse * (scale?[c] ?? 1))];
        return (
            Array.ConvertAll(slopes, slope => (float)slope),
            [.. slopes.Select((slope, c) => (float)((shift?[c] ?? 0) - Mean[c] * slope))]);
    }

    private static (long Rows, (double[] Sums, double[] Squares)[] Moments) OfBatch(
        (double[] Sums, double[] Squares)[] moments, long rows, ICommunicator? ranks)
    {
        if (ranks is null) return (rows, moments);
        double[] total = ranks.Total([rows, .. moments.SelectMany(moment => moment.Sums.Concat(moment.Squares))]);
        double[][] parts = [.. total.Skip(1).Chunk(moments[0].Sums.Length)];
        return ((long)total[0], [.. moments.Select((_, i) => (parts[2 * i], parts[2 * i + 1]))]);
    }

    private void Take((double[] Sums, double[] Squares) moments, long rows, double epsilon)
    {
        Rows = rows;
        Mean = Array.ConvertAll(moments.Sums, sum => sum / Rows);
        Variance = [.. moments.Squares.Zip(Mean, (square, mean) => Math.Max(0, square / Rows - mean * mean))];
        InverseDeviation = Array.ConvertAll(Variance, variance => 1 / Math.Sqrt(variance + epsilon));
    }
}
