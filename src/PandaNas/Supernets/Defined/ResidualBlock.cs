using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>
/// Two ReLU-Conv3×3-BN beside the input, as in ResNet's and NAS-Bench-201's reductions; where the shape changes the input is halved by
/// average pooling, if the stride is 2, and goes through a 1×1 convolution.
/// </summary>
internal sealed class ResidualBlock : IOperation
{
    private readonly ConvolutionNorm _first, _second;
    private readonly Convolution? _shortcut;
    private readonly bool _halves;

    public ResidualBlock(WeightStore store, string name, OperationShape shape, Normalization normalization)
    {
        _first = new ConvolutionNorm(store, $"{name}.conv_a", shape.Inputs, shape.Outputs, 3, shape.Stride, bias: false, normalization);
        _second = new ConvolutionNorm(store, $"{name}.conv_b", shape.Outputs, shape.Outputs, 3, 1, bias: false, normalization);
        _shortcut = shape.IsKept ? null : new Convolution(store, $"{name}.shortcut", shape.Inputs, shape.Outputs, 1, 1, bias: false);
        _halves = shape.Stride == 2;
    }

    public Reads Reads => Reads.Raw;

    public Term Forward(Tensor input, bool training)
    {
        Tensor activated = Node.Sum([new Term(input)], Reads.Activated, training).Activated;
        Tensor middle = Node.Sum([_first.Forward(activated, training)], Reads.Activated, training).Activated;
        Tensor beside = _halves ? AveragePooling.Halve(input) : input;
        return new Term(Node.Sum([_second.Forward(middle, training), new Term(_shortcut?.Forward(beside) ?? beside)], Reads.Raw, training).Raw);
    }
}
