using static TorchSharp.torch;

namespace PandaNas.Supernets;

/// <summary>
/// The mobile inverted convolution of MobileNetV2 (Sandler et al. 2018): a 1×1 convolution that widens, a depthwise convolution, a 1×1
/// convolution that narrows; each with batch norm, the first two with ReLU6. Without its residual connection, which is the caller's.
/// </summary>
internal sealed class InvertedConvolution : IOperation
{
    private const float Ceiling = 6;

    private readonly ConvolutionNorm? _expand;
    private readonly Convolution _depthwise;
    private readonly BatchNorm _depthwiseNorm;
    private readonly ConvolutionNorm _project;

    /// <summary>A convolution; an expansion of 1 widens nothing and leaves the first step out. The last batch norm begins with <paramref name="scale"/>.</summary>
    public InvertedConvolution(
        WeightStore store, string name, int inputs, int outputs, int kernel, int stride, int expansion, Normalization normalization, double scale = 1)
    {
        int wide = inputs * expansion;
        if (expansion > 1) _expand = new ConvolutionNorm(store, $"{name}.expand", inputs, wide, 1, 1, bias: false, normalization);
        _depthwise = new Convolution(store, $"{name}.depthwise.conv", wide, wide, kernel, stride, bias: false, groups: wide);
        _depthwiseNorm = new BatchNorm(store, $"{name}.depthwise.bn", wide, normalization);
        _project = new ConvolutionNorm(store, $"{name}.project", wide, outputs, 1, 1, bias: false, normalization, scale);
    }

    public Reads Reads => Reads.Raw;

    /// <summary>ReLU6 of a term.</summary>
    public static Tensor Activate(Term term, bool training) => Node.Sum([term], Reads.Activated, training, Ceiling).Activated;

    /// <summary>N×inputs×H×W to a term of N×outputs×H'×W'.</summary>
    public Term Forward(Tensor input, bool training)
    {
        Tensor wide = _expand is null ? input : Activate(_expand.Forward(input, training), training);
        return _project.Forward(Activate(new Term(_depthwise.Forward(wide), _depthwiseNorm), training), training);
    }
}
