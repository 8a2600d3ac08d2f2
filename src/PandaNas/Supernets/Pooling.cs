using PandaNas.Supernets.Recording;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets;

/// <summary>3×3 pooling; in a supernet with a batch norm after it, so that it weighs as much as a convolution (Liu et al. 2019).</summary>
internal sealed class Pooling : IOperation
{
    private readonly bool _largest;
    private readonly int _stride;
    private readonly BatchNorm? _norm;

    /// <summary>Pooling alone.</summary>
    /// <param name="largest">Whether the largest value is taken, not the mean.</param>
    /// <param name="stride">1 or 2.</param>
    public Pooling(bool largest, int stride) => (_largest, _stride) = (largest, stride);

    /// <summary>Pooling and batch norm.</summary>
    public Pooling(WeightStore store, string name, int channels, bool largest, int stride, Normalization normalization) : this(largest, stride) =>
        _norm = new BatchNorm(store, $"{name}.bn", channels, normalization);

    public Reads Reads => Reads.Raw;

    public Term Forward(Tensor input, bool training) => new(Pool(input), _norm);

    private Tensor Pool(Tensor input)
    {
        if (_largest) return Tape.Torch(input, x => functional.max_pool2d(x, 3, _stride, 1));
        return AveragePooling.Same3x3(input, _stride);
    }
}
