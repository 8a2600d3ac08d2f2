using PandaNas.Onnx;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// What values a network's tensors take, by the names that they have in an ONNX graph: while the graph is written, torch computes beside
/// it. Of every batch the smallest and the largest count, and of those the mean over the batches, so that one odd image widens little.
/// </summary>
internal sealed class ActivationRanges
{
    private readonly Dictionary<string, (double Least, double Most, int Batches)> _sums = new(StringComparer.Ordinal);
    private readonly Dictionary<OnnxValue, Tensor> _tensors = [];

    /// <summary>The ranges, by name.</summary>
    public Dictionary<string, ValueRange> Means() => _sums.ToDictionary(
        one => one.Key, one => new ValueRange(one.Value.Least / one.Value.Batches, one.Value.Most / one.Value.Batches),
        StringComparer.Ordinal);

    /// <summary>Begins a batch, whose graph is written anew.</summary>
    public void Begin(OnnxValue images, Tensor values)
    {
        _tensors.Clear();
        Add(images, values);
    }

    /// <summary>What torch computed for a value of the graph.</summary>
    public Tensor Of(OnnxValue value) => _tensors[value];

    /// <summary>Notes a value.</summary>
    public void Add(OnnxValue value, Tensor computed)
    {
        _tensors[value] = computed;
        using var scope = NewDisposeScope();
        Tensor least = computed.min(), most = computed.max();
        (double Least, double Most, int Batches) sum = _sums.GetValueOrDefault(value.Name);
        _sums[value.Name] = (sum.Least + least.item<float>(), sum.Most + most.item<float>(), sum.Batches + 1);
    }
}
