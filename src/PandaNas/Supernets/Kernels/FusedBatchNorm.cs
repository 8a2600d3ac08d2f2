using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>
/// Batch normalisation by the statistics of the batch on channels-last memory, with optional scale and shift: two passes forward,
/// two backward, each at the speed of memory. Torch's own takes several times as long on narrow layers.
/// </summary>
internal sealed class FusedBatchNorm : autograd.SingleTensorFunction<FusedBatchNorm>
{
    /// <inheritdoc/>
    public override string Name => nameof(FusedBatchNorm);

    /// <summary>Whether the input can be handled here.</summary>
    public static bool Handles(Tensor input) => ChannelsLast.Is(input) && ChannelKernels.Handles(input.shape[1]);

    /// <summary>Normalises.</summary>
    /// <param name="input">N×C×H×W in channels-last memory.</param>
    /// <param name="scale">C values, or null.</param>
    /// <param name="shift">C values, or null together with the scale.</param>
    /// <param name="epsilon">Added to the variance.</param>
    /// <param name="statistics">Receives mean and biased variance of every channel.</param>
    public static Tensor Apply(Tensor input, Tensor? scale, Tensor? shift, double epsilon, BatchStatistics statistics) =>
        apply(input, scale!, shift!, epsilon, statistics);

    /// <inheritdoc/>
    public override unsafe Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var input = (Tensor)vars[0];
        var scale = vars[1] as Tensor;
        var shift = vars[2] as Tensor;
        double epsilon = (double)vars[3];
        var statistics = (BatchStatistics)vars[4];
        int channels = (int)input.shape[1];
        long rows = input.numel() / channels;
        float* x = ChannelsLast.Pointer(input);
        statistics.Measure(x, rows, channels, epsilon);

        float[] gamma = Values(scale), beta = Values(shift);
        float[] a = new float[channels], d = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            a[c] = (float)(statistics.InverseDeviation[c] * (scale is null ? 1 : gamma[c]));
            d[c] = (float)((shift is null ? 0 : beta[c]) - statistics.Mean[c] * a[c]);
        }
        Tensor output = ChannelsLast.Empty(input.shape);
        ChannelKernels.Scale(x, ChannelsLast.Pointer(output), a, d, rows, channels);
        ctx.save_for_backward(scale is null ? [input] : [input, scale]);
        ctx.save_data("statistics", statistics);
        return output;
    }

    /// <inheritdoc/>
    public override unsafe List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        Tensor input = saved[0];
        Tensor? scale = saved.Count > 1 ? saved[1] : null;
        var statistics = (BatchStatistics)ctx.get_data("statistics");
        int channels = (int)input.shape[1];
        long rows = input.numel() / channels;
        Tensor gradient = ChannelsLast.Of(grad_output);
        float* g = ChannelsLast.Pointer(gradient), x = ChannelsLast.Pointer(input);

        double[] sums = new double[channels], products = new double[channels];
        ChannelKernels.GradientMoments(g, x, statistics.FloatMean, rows, channels, sums, products);

        float[] gamma = Values(scale);
        float[] a = new float[channels], b = new float[channels], d = new float[channels];
        for (int c = 0; c < channels; c++)
        {
            double inverse = statistics.InverseDeviation[c];
            double slope = inverse * (scale is null ? 1 : gamma[c]);
            double curve = -slope * inverse * inverse * products[c] / rows;
            (a[c], b[c], d[c]) = ((float)slope, (float)curve, (float)(-slope * sums[c] / rows - curve * statistics.Mean[c]));
        }
        Tensor result = ChannelsLast.Empty(input.shape);
        ChannelKernels.Combine(g, x, ChannelsLast.Pointer(result), a, b, d, rows, channels);
        if (scale is null) return [result, null!, null!, null!, null!];
        float[] scaleGradient = [.. Enumerable.Range(0, channels).Select(c => (float)(products[c] * statistics.InverseDeviation[c]))];
        return [result, tensor(scaleGradient), tensor([.. sums.Select(sum => (float)sum)], dtype: ScalarType.Float32), null!, null!];
    }

    private static float[] Values(Tensor? values) => values is null ? [] : values.data<float>().ToArray();
}

/// <summary>Mean and variance by channel of one batch.</summary>
internal sealed class BatchStatistics
{
    /// <summary>The mean of every channel.</summary>
    public double[] Mean { get; private set; } = [];

    /// <summary>The biased variance of every channel.</summary>
    public double[] Variance { get; private set; } = [];

    /// <summary>1/√(variance + ε) of every channel.</summary>
    public double[] InverseDeviation { get; private set; } = [];

    /// <summary>The mean in float32.</summary>
    public float[] FloatMean { get; private set; } = [];

    /// <summary>How many values a channel has.</summary>
    public long Rows { get; private set; }

    /// <summary>Takes the statistics of channels-last memory.</summary>
    public unsafe void Measure(float* x, long rows, int channels, double epsilon)
    {
        Rows = rows;
        Mean = new double[channels];
        Variance = new double[channels];
        ChannelKernels.Moments(x, rows, channels, Mean, Variance);
        for (int c = 0; c < channels; c++)
        {
            Mean[c] /= rows;
            Variance[c] = Math.Max(0, Variance[c] / rows - Mean[c] * Mean[c]);
        }
        InverseDeviation = Array.ConvertAll(Variance, variance => 1 / Math.Sqrt(variance + epsilon));
        FloatMean = Array.ConvertAll(Mean, mean => (float)mean);
    }
}
