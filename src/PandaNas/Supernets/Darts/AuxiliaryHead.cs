using PandaNas.Costs;
using PandaNas.Supernets.Layers;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Darts;

/// <summary>
/// A classifier amid a network whose loss helps the layers before it to train (Szegedy et al. 2015; sizes as in DARTS): ReLU, 5×5
/// average pooling, 1×1 convolution to 128, 2×2 convolution to 768, mean, linear.
/// </summary>
internal sealed class AuxiliaryHead
{
    private const int Narrow = 128, Wide = 768;

    private readonly Pooling _pooling;
    private readonly ConvolutionNorm _squeeze;
    private readonly Convolution _spread;
    private readonly BatchNorm? _spreadNorm;
    private readonly Linear _classifier;

    /// <summary>
    /// A head for features of so many channels. The one for large images is DARTS's for ImageNet: pooling of stride 2, and no batch norm
    /// after the 2×2 convolution, as released.
    /// </summary>
    public AuxiliaryHead(NetworkSetting setting, int channels)
    {
        bool large = setting.Options.HasLargeStem;
        _pooling = new Pooling(PoolingKind.Average, 5, large ? 2 : 3);
        _squeeze = new ConvolutionNorm(setting, "auxiliary.squeeze", channels, Narrow, 1, 1);
        _spread = new Convolution(setting.Store, "auxiliary.spread.conv", Narrow, Wide, 2, 1, bias: false);
        _spreadNorm = large ? null : new BatchNorm(setting.Store, "auxiliary.spread.bn", Wide, setting.Normalization);
        _classifier = new Linear(setting.Store, "auxiliary.classifier", Wide, setting.Options.Classes);
    }

    /// <summary>The smallest side of the features in pixels: pooling must leave two.</summary>
    public static int SmallestSide(bool large) => large ? 7 : 8;

    /// <summary>N×channels×H×W to N×classes.</summary>
    public T Compute<T>(IComputation<T> computation, T features) where T : class
    {
        T pooled = computation.Pool(Activated(computation, new(features)), _pooling);
        T narrow = Activated(computation, _squeeze.Of(computation, pooled));
        T wide = Activated(computation, new(computation.Convolve(narrow, _spread), _spreadNorm));
        return computation.Classify(computation.Pool(wide, Pooling.Global), _classifier);
    }

    private static T Activated<T>(IComputation<T> computation, Term<T> term) where T : class =>
        computation.Sum([term], Reads.Activated).Activated;
}
