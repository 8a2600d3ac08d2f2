using PandaNas.Supernets.Recording;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace PandaNas.Supernets;

/// <summary>
/// A classifier amid a network whose loss helps the layers before it to train (Szegedy et al. 2015; sizes as in DARTS): ReLU, 5×5
/// average pooling, 1×1 convolution to 128, 2×2 convolution to 768, mean, linear.
/// </summary>
internal sealed class AuxiliaryHead
{
    private const int Narrow = 128, Wide = 768;

    private readonly ConvolutionNorm _squeeze;
    private readonly Convolution _spread;
    private readonly BatchNorm? _spreadNorm;
    private readonly Linear _classifier;
    private readonly int _stride;

    /// <summary>A head.</summary>
    /// <param name="store">Makes the weights.</param>
    /// <param name="name">Starts their names.</param>
    /// <param name="channels">Channels of the features.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="large">Whether it is DARTS's head for ImageNet: pooling of stride 2, and no batch norm after the 2×2 convolution, as released.</param>
    public AuxiliaryHead(WeightStore store, string name, int channels, int classes, bool large)
    {
        _stride = large ? 2 : 3;
        _squeeze = new ConvolutionNorm(store, $"{name}.squeeze", channels, Narrow, 1, 1, bias: false, Normalization.RunningStatistics);
        _spread = new Convolution(store, $"{name}.spread.conv", Narrow, Wide, 2, 1, bias: false);
        _spreadNorm = large ? null : new BatchNorm(store, $"{name}.spread.bn", Wide, Normalization.RunningStatistics);
        _classifier = new Linear(store, $"{name}.classifier", Wide, classes);
    }

    /// <summary>The smallest side of the features in pixels: pooling must leave two.</summary>
    public static int SmallestSide(bool large) => large ? 7 : 8;

    /// <summary>N×channels×H×W to N×classes.</summary>
    public Tensor Forward(Tensor features, bool training)
    {
        Tensor pooled = Tape.Torch(features, x => functional.avg_pool2d(x.relu(), 5, _stride, 0, count_include_pad: false));
        Tensor narrow = Node.Sum([_squeeze.Forward(pooled, training)], Reads.Activated, training).Activated;
        Tensor wide = Node.Sum([new Term(_spread.Forward(narrow), _spreadNorm)], Reads.Activated, training).Activated;
        return _classifier.Forward(AveragePooling.Global(wide));
    }
}
