using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets;

/// <summary>How a network normalises.</summary>
public enum Normalization
{
    /// <summary>
    /// By the statistics of the batch at hand, always, without scale and shift. What a weight-sharing supernet needs: no running
    /// mean can fit every path.
    /// </summary>
    BatchStatistics,

    /// <summary>With running statistics for evaluation, and a learned scale and shift: a stand-alone network.</summary>
    RunningStatistics,
}

/// <summary>A 2-D convolution of its own weights; "same" padding for odd kernels. Input and output N×C×H×W.</summary>
internal sealed class Convolution
{
    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly long _stride, _padding, _dilation, _groups;

    /// <summary>Weights as PyTorch initialises them: uniform in ±1/√(fan-in).</summary>
    public Convolution(WeightStore store, string name, int inputs, int outputs, int kernel, int stride, bool bias, int groups = 1, int dilation = 1)
    {
        double bound = 1 / Math.Sqrt(inputs / groups * kernel * kernel);
        _weight = store.Uniform($"{name}.weight", [outputs, inputs / groups, kernel, kernel], bound);
        _bias = bias ? store.Uniform($"{name}.bias", [outputs], bound) : null;
        _stride = stride;
        _padding = dilation * (kernel - 1) / 2;
        _dilation = dilation;
        _groups = groups;
    }

    public Tensor Forward(Tensor input) =>
        functional.conv2d(input, _weight, _bias, [_stride, _stride], [_padding, _padding], [_dilation, _dilation], _groups);
}

/// <summary>Batch normalisation of N×C×H×W over N, H and W, of either kind.</summary>
internal sealed class BatchNorm
{
    // PyTorch's defaults.
    private const double Momentum = 0.1;
    private const double Epsilon = 1e-5;

    private readonly Tensor? _scale, _shift, _mean, _variance;

    public BatchNorm(WeightStore store, string name, int channels, Normalization kind)
    {
        if (kind == Normalization.BatchStatistics) return;
        _scale = store.Constant($"{name}.weight", [channels], 1);
        _shift = store.Constant($"{name}.bias", [channels], 0);
        _mean = store.Statistic($"{name}.running_mean", [channels], 0);
        _variance = store.Statistic($"{name}.running_var", [channels], 1);
    }

    public Tensor Forward(Tensor input, bool training)
    {
        bool byBatch = training || _mean is null;
        if (!byBatch || !FusedBatchNorm.Handles(input)) return functional.batch_norm(input, _mean, _variance, _scale, _shift, byBatch, Momentum, Epsilon);
        var statistics = new BatchStatistics();
        Tensor output = FusedBatchNorm.Apply(input, _scale, _shift, Epsilon, statistics);
        if (_mean is not null) UpdateRunning(statistics);
        return output;
    }

    // As PyTorch: the running variance is unbiased.
    private void UpdateRunning(BatchStatistics statistics)
    {
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        double unbias = statistics.Rows > 1 ? statistics.Rows / (statistics.Rows - 1.0) : 1;
        float[] variance = [.. statistics.Variance.Select(value => (float)(value * unbias))];
        _mean!.lerp_(tensor(statistics.FloatMean), Momentum);
        _variance!.lerp_(tensor(variance), Momentum);
    }
}

/// <summary>A fully connected layer, N×inputs to N×outputs.</summary>
internal sealed class Linear
{
    private readonly Tensor _weight, _bias;

    public Linear(WeightStore store, string name, int inputs, int outputs)
    {
        double bound = 1 / Math.Sqrt(inputs);
        _weight = store.Uniform($"{name}.weight", [outputs, inputs], bound);
        _bias = store.Uniform($"{name}.bias", [outputs], bound);
    }

    public Tensor Forward(Tensor input) => functional.linear(input, _weight, _bias);
}

/// <summary>3×3 average pooling of stride 1 that leaves the padding out of the mean.</summary>
internal static class AveragePooling
{
    public static Tensor Forward(Tensor input) =>
        ChannelsLast.Is(input) ? AveragePool3x3.Apply(input) : functional.avg_pool2d(input, 3, 1, 1, count_include_pad: false);
}
