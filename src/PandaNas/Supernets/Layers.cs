using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Kernels.Convolutions;
using PandaNas.Supernets.Kernels.Depthwise;
using PandaNas.Supernets.Recording;
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
    // libtorch's 1×1 convolutions are right up to so many outputs, and for multiples of twice as many: docs/dependencies.md.
    private const int SafePointwiseOutputs = 32;

    private readonly Tensor _weight;
    private readonly Tensor? _bias;
    private readonly int _stride, _dilation;
    private readonly long _padding, _groups;
    private readonly bool _isPlain, _isProduct, _isDepthwise, _onlyFloat32;

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
        _isPlain = groups == 1 && dilation == 1;
        _isProduct = kernel == 1 && stride == 1 && groups == 1 && outputs > SafePointwiseOutputs && outputs % (2 * SafePointwiseOutputs) != 0;
        _isDepthwise = groups == inputs && groups == outputs && !bias;
        // In bfloat16 libtorch's are wrong for groups, for odd numbers of outputs and for a single input.
        _onlyFloat32 = groups > 1 || outputs % 2 != 0 || inputs == 1;
    }

    /// <summary>Gives the type of the input, and computes in it where libtorch can; weights and their gradients stay float32.</summary>
    public Tensor Forward(Tensor input)
    {
        if (_isDepthwise && ChannelsLast.Is(input)) return Noted(input, _weight, () => DepthwiseConvolution.Apply(input, _weight, _stride, _dilation));
        Tensor source = _onlyFloat32 ? In(ScalarType.Float32, input) : input;
        Tensor output = _isPlain && DirectConvolution.IsFaster(source, _weight)
            ? Noted(source, _weight, () => DirectConvolution.Apply(source, _weight, _bias, _stride))
            : Tape.Torch(source, ForwardByTorch);
        return In(input.dtype, output);
    }

    private Tensor ForwardByTorch(Tensor input)
    {
        Tensor weight = Cast(_weight);
        Tensor? bias = _bias is null ? null : Cast(_bias);
        return Noted(input, weight, () => Compute(input, weight, bias));

        Tensor Cast(Tensor tensor) => tensor.dtype == input.dtype ? tensor : tensor.to(input.dtype);
    }

    private static Tensor Noted(Tensor input, Tensor weight, Func<Tensor> compute)
    {
        long started = OperationProfile.Now;
        Tensor output = compute();
        OperationProfile.Current?.AddProduct(nameof(Convolution), started, output.numel() * weight.numel() / weight.shape[0], input, weight, output);
        return output;
    }

    private Tensor Compute(Tensor input, Tensor weight, Tensor? bias)
    {
        return _isProduct
            ? functional.linear(input.permute(0, 2, 3, 1), weight.flatten(1), bias).permute(0, 3, 1, 2)
            : functional.conv2d(input, weight, bias, [_stride, _stride], [_padding, _padding], [_dilation, _dilation], _groups);
    }

    private static Tensor In(ScalarType type, Tensor tensor) => tensor.dtype == type ? tensor : Tape.Torch(tensor, values => values.to(type));
}

/// <summary>Batch normalisation of N×C×H×W over N, H and W, of either kind. It is applied by the node that reads it: see <see cref="Node"/>.</summary>
internal sealed class BatchNorm
{
    /// <summary>Added to the variance: PyTorch's default.</summary>
    public const double Epsilon = 1e-5;

    private readonly Tensor? _scale, _shift, _mean, _variance;

    /// <summary>A batch norm whose scale, if it has one, begins with <paramref name="scale"/>.</summary>
    public BatchNorm(WeightStore store, string name, int channels, Normalization kind, double scale = 1)
    {
        if (kind == Normalization.BatchStatistics) return;
        _scale = store.Constant($"{name}.weight", [channels], scale);
        _shift = store.Constant($"{name}.bias", [channels], 0);
        _mean = store.Statistic($"{name}.running_mean", [channels], 0);
        _variance = store.Statistic($"{name}.running_var", [channels], 1);
    }

    /// <summary>Whether the batch at hand is what it normalises by.</summary>
    public bool ByBatch(bool training) => training || _mean is null;

    /// <summary>The term for the fused sum; only where <see cref="ByBatch"/>.</summary>
    public SumTerm Fused(Tensor input) => new(input, new BatchStatistics(), _scale, _shift);

    /// <summary>By torch's own operation.</summary>
    public Tensor Plain(Tensor input, bool training) => functional.batch_norm(input, _mean, _variance, _scale, _shift, ByBatch(training), Network.StatisticsMomentum, Epsilon);

    /// <summary>Moves the running statistics, if there are any, towards those of a batch. As PyTorch: the running variance is unbiased.</summary>
    public void UpdateRunning(BatchStatistics statistics)
    {
        if (_mean is null) return;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor share = tensor(Network.StatisticsMomentum);
        double unbias = statistics.Rows > 1 ? statistics.Rows / (statistics.Rows - 1.0) : 1;
        _mean.lerp_(tensor(Array.ConvertAll(statistics.Mean, mean => (float)mean), dtype: ScalarType.Float32), share);
        _variance!.lerp_(tensor(Array.ConvertAll(statistics.Variance, variance => (float)(variance * unbias)), dtype: ScalarType.Float32), share);
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

    public Tensor Forward(Tensor input)
    {
        long started = OperationProfile.Now;
        Tensor output = Tape.Torch(input, features => functional.linear(features, _weight, _bias));
        OperationProfile.Current?.AddProduct(nameof(Linear), started, output.numel() * input.shape[1], input, _weight, output);
        return output;
    }
}

/// <summary>Average pooling that leaves the padding out of the mean.</summary>
internal static class AveragePooling
{
    /// <summary>3×3 with a border of padding, so that stride 1 keeps the size.</summary>
    public static Tensor Same3x3(Tensor input, int stride = 1) =>
        stride == 1 && ChannelsLast.Is(input) ? AveragePool3x3.Apply(input) : Tape.Torch(input, x => functional.avg_pool2d(Padded(x), 3, stride, 1, count_include_pad: false));

    /// <summary>2×2 of stride 2; odd sizes are rounded up.</summary>
    public static Tensor Halve(Tensor input) =>
        ChannelsLast.Is(input) ? AveragePool2x2.Apply(input) : Tape.Torch(input, x => functional.avg_pool2d(x, 2, 2, 0, ceil_mode: true, count_include_pad: false));

    /// <summary>The mean of every channel, N×C in float32.</summary>
    public static Tensor Global(Tensor input) => ChannelsLast.Is(input) ? GlobalMean.Apply(input) : Tape.Torch(input, x => x.mean([2, 3]).to(ScalarType.Float32));

    // On a GPU torch 2.11, and by the report those before it, gives wrong gradients of padded pooling in channels-last memory: pytorch/pytorch issue 188344.
    private static Tensor Padded(Tensor input) => input.device_type == TorchSharp.DeviceType.CPU ? input : input.contiguous();
}
