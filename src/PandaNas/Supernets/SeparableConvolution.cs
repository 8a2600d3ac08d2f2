using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// A depthwise and a 1×1 convolution and a batch norm; the ReLU before them is the node's, so that it can be shared. With a dilation it
/// is what DARTS calls a dilated convolution.
/// </summary>
internal sealed class SeparableConvolution(
    WeightStore store, string name, int inputs, int outputs, int kernel, int stride, int dilation, Normalization normalization) : IOperation
{
    private readonly Convolution _depthwise = new(store, $"{name}.depthwise", inputs, inputs, kernel, stride, bias: false, groups: inputs, dilation);
    private readonly Convolution _pointwise = new(store, $"{name}.pointwise", inputs, outputs, 1, 1, bias: false);
    private readonly BatchNorm _norm = new(store, $"{name}.bn", outputs, normalization);

    public Reads Reads => Reads.Activated;

    public Term Forward(Tensor input, bool training) => new(_pointwise.Forward(_depthwise.Forward(input)), _norm);
}

/// <summary>DARTS's separable convolution: applied twice, with a stride the first time only.</summary>
internal sealed class TwiceSeparableConvolution(WeightStore store, string name, int channels, int kernel, int stride, Normalization normalization) : IOperation
{
    private readonly SeparableConvolution _first = new(store, $"{name}.first", channels, channels, kernel, stride, 1, normalization);
    private readonly SeparableConvolution _second = new(store, $"{name}.second", channels, channels, kernel, 1, 1, normalization);

    public Reads Reads => Reads.Activated;

    public Term Forward(Tensor input, bool training) =>
        _second.Forward(Node.Sum([_first.Forward(input, training)], Reads.Activated, training).Activated, training);
}
