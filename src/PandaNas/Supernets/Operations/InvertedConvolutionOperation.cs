using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

/// <summary>
/// The mobile inverted convolution of MobileNetV2 (Sandler et al. 2018): a 1×1 convolution that widens, a depthwise convolution, a 1×1
/// convolution that narrows; each with batch norm, the first two with ReLU6. An expansion of 1 widens nothing and leaves the first step out.
/// Without its residual connection, which is the caller's.
/// </summary>
internal sealed record InvertedConvolutionOperation(string Name, int Kernel, int Expansion) : Operation(Name, ShapeChange.Any)
{
    internal override IMadeOperation Make(OperationSetting setting) => new InvertedConvolution(setting, Kernel, Expansion);
}

internal sealed class InvertedConvolution : IMadeOperation
{
    private const float Ceiling = 6;

    private readonly ConvolutionNorm? _expand;
    private readonly ConvolutionNorm _depthwise, _project;

    public InvertedConvolution(OperationSetting setting, int kernel, int expansion)
    {
        OperationShape shape = setting.Shape;
        int wide = shape.Inputs * expansion;
        if (expansion > 1) _expand = new ConvolutionNorm(setting.Network, $"{setting.Name}.expand", shape.Inputs, wide, 1, 1);
        _depthwise = new ConvolutionNorm(setting.Network, $"{setting.Name}.depthwise", wide, wide, kernel, shape.Stride, groups: wide);
        _project = new ConvolutionNorm(setting.Network, $"{setting.Name}.project", wide, shape.Outputs, 1, 1, scale: setting.LastScale);
    }

    public Reads Reads => Reads.Raw;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class
    {
        T wide = _expand is null ? input.Raw : Step(computation, _expand, input.Raw);
        return [_project.Of(computation, Step(computation, _depthwise, wide))];
    }

    private static T Step<T>(IComputation<T> computation, ConvolutionNorm step, T input) where T : class =>
        computation.Sum([step.Of(computation, input)], Reads.Activated, Ceiling).Activated;
}
