using PandaNas.Supernets.Kernels;
using PandaNas.Supernets.Recording;
using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// Halves the size without losing pixels: a 1×1 convolution of every second pixel beside one of the pixels between, side by side,
/// and a batch norm (Liu et al. 2019). The ReLU before is the node's. Height and width must be even.
/// </summary>
internal sealed class FactorizedReduction : IOperation
{
    private readonly Convolution _even, _odd;
    private readonly BatchNorm _norm;

    public FactorizedReduction(WeightStore store, string name, int inputs, int outputs, Normalization normalization)
    {
        _even = new Convolution(store, $"{name}.conv_1", inputs, outputs / 2, 1, 1, bias: false);
        _odd = new Convolution(store, $"{name}.conv_2", inputs, outputs - outputs / 2, 1, 1, bias: false);
        _norm = new BatchNorm(store, $"{name}.bn", outputs, normalization);
    }

    public Reads Reads => Reads.Activated;

    public Term Forward(Tensor input, bool training) =>
        new(Tape.Torch([_even.Forward(EverySecond(input, 0)), _odd.Forward(EverySecond(input, 1))], halves => cat(halves, 1)), _norm);

    // A 1×1 convolution of stride 2 would do the same, but libtorch's is broken: docs/dependencies.md.
    private static Tensor EverySecond(Tensor input, int start) =>
        Tape.Torch(input, x => ChannelsLast.Of(x.slice(2, start, x.shape[2], 2).slice(3, start, x.shape[3], 2)));
}
