using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets;

/// <summary>
/// A 1×1 convolution of stride 1 without bias, as a matrix product over the pixels: libtorch's own is wrong for some numbers of
/// channels when it runs on several threads (docs/dependencies.md). Input and output N×C×H×W, the output in channels-last memory.
/// </summary>
internal sealed class PointwiseConvolution
{
    private readonly Tensor _weight;

    /// <summary>Weights as PyTorch initialises a convolution's: uniform in ±1/√(fan-in).</summary>
    public PointwiseConvolution(WeightStore store, string name, int inputs, int outputs) =>
        _weight = store.Uniform($"{name}.weight", [outputs, inputs, 1, 1], 1 / Math.Sqrt(inputs));

    /// <summary>Computes in the type of the input.</summary>
    public Tensor Forward(Tensor input) => functional.linear(input.permute(0, 2, 3, 1), _weight.flatten(1).to(input.dtype)).permute(0, 3, 1, 2);
}

/// <summary>A 1×1 convolution and its batch norm; an activation before them is the node's, so that it can be shared.</summary>
internal sealed class PointwiseNorm(WeightStore store, string name, int inputs, int outputs, Normalization normalization) : IOperation
{
    private readonly PointwiseConvolution _convolution = new(store, $"{name}.conv", inputs, outputs);
    private readonly BatchNorm _norm = new(store, $"{name}.bn", outputs, normalization);

    public Reads Reads => Reads.Activated;

    public Term Forward(Tensor input, bool training) => new(_convolution.Forward(input), _norm);
}
