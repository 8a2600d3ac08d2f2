using PandaNas.Costs;
using PandaNas.Distributed;
using PandaNas.Onnx;
using PandaNas.Supernets.Kernels;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets.Layers;

/// <summary>
/// Batch normalisation of N×C×H×W over N, H and W, of either kind. It is applied by the node that reads it: see <see cref="Node"/>.
/// </summary>
internal sealed class BatchNorm
{
    /// <summary>Added to the variance: PyTorch's default.</summary>
    public const double Epsilon = 1e-5;

    private readonly int _channels;
    private readonly bool _hasStatistics;
    private readonly Tensor? _scale, _shift, _mean, _variance;

    /// <summary>A batch norm whose scale, if it has one, begins with <paramref name="scale"/>.</summary>
    public BatchNorm(WeightStore store, string name, int channels, Normalization kind, double scale = 1)
    {
        _channels = channels;
        _hasStatistics = kind == Normalization.RunningStatistics;
        if (!_hasStatistics) return;
        _scale = store.Constant($"{name}.weight", [channels], scale);
        _shift = store.Constant($"{name}.bias", [channels], 0);
        _mean = store.Statistic($"{name}.running_mean", [channels], 0);
        _variance = store.Statistic($"{name}.running_var", [channels], 1);
    }

    /// <summary>Its sizes for inputs of a height and width in pixels.</summary>
    public BatchNormShape Shape(int size) => new(_channels, Affine: _hasStatistics, size);

    /// <summary>Whether the batch at hand is what it normalises by.</summary>
    public bool ByBatch(bool training) => training || !_hasStatistics;

    /// <summary>The term for the fused sum; only where <see cref="ByBatch"/>.</summary>
    public SumTerm Fused(Tensor input) => new(input, new BatchStatistics(), _scale, _shift);

    /// <summary>By torch's own operation.</summary>
    public Tensor Plain(Tensor input, bool training) =>
        functional.batch_norm(input, _mean, _variance, _scale, _shift, ByBatch(training), Network.StatisticsMomentum, Epsilon);

    /// <summary>By torch's own operations, over a batch of which every rank has a part; only where <see cref="ByBatch"/>.</summary>
    public Tensor Shared(Tensor input, bool training, ICommunicator ranks)
    {
        SumTerm term = Fused(input);
        Tensor result = SharedNorm.Apply(term, Epsilon, ranks);
        if (training) UpdateRunning(term.Statistics!);
        return result;
    }

    /// <summary>By its running statistics, as nodes of ONNX.</summary>
    public OnnxValue Export(OnnxGraph graph, OnnxValue input) => _hasStatistics
        ? graph.BatchNormalization(input, _scale!, _shift!, _mean!, _variance!, Epsilon)
        : throw new InvalidOperationException("a network that normalises by batch statistics cannot be exported");

    /// <summary>
    /// Moves the running statistics, if there are any, towards those of a batch. As PyTorch: the running variance is unbiased.
    /// </summary>
    public void UpdateRunning(BatchStatistics statistics)
    {
        if (_mean is null) return;
        using var _ = no_grad();
        using var scope = NewDisposeScope();
        Tensor share = tensor(Network.StatisticsMomentum, device: _mean.device);
        double unbias = statistics.Rows > 1 ? statistics.Rows / (statistics.Rows - 1.0) : 1;
        _mean.lerp_(OnDevice(statistics.Mean), share);
        _variance!.lerp_(OnDevice(Array.ConvertAll(statistics.Variance, variance => variance * unbias)), share);

        Tensor OnDevice(double[] values) =>
            tensor(Array.ConvertAll(values, value => (float)value), dtype: ScalarType.Float32, device: _mean.device);
    }
}
