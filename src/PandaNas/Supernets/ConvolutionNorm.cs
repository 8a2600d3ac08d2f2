using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>A convolution and its batch norm; an activation before them is the node's, so that it can be shared.</summary>
internal sealed class ConvolutionNorm(
    WeightStore store, string name, int inputs, int outputs, int kernel, int stride, bool bias, Normalization normalization, double scale = 1) : IOperation
{
    private readonly Convolution _convolution = new(store, $"{name}.conv", inputs, outputs, kernel, stride, bias);
    private readonly BatchNorm _norm = new(store, $"{name}.bn", outputs, normalization, scale);

    public Reads Reads => Reads.Activated;

    public Term Forward(Tensor input, bool training) => new(_convolution.Forward(input), _norm);
}
