using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType InvertedConvolutionType { get; } =
        new(
            "inverted-convolution", [("kernel", null), ("expansion", null)],
            (name, numbers) => InvertedConvolution(name, numbers[0], numbers[1]));

    /// <summary>
    /// MobileNetV2's inverted convolution with ReLU6: 1×1 to so many times the channels, depthwise, 1×1, each with batch norm.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side of the depthwise convolution in pixels: odd, 3 to 15.</param>
    /// <param name="expansion">1, which leaves out the first step, to 16.</param>
    public static Operation InvertedConvolution(string name, int kernel, int expansion) =>
        new InvertedConvolutionOperation(name, Kernel(kernel, 3), InRange(expansion, 1, 16, nameof(expansion)));
}

/// <summary>
/// The mobile inverted convolution of MobileNetV2 (Sandler et al. 2018): a 1×1 convolution that widens, a depthwise convolution, a 1×1
/// convolution that narrows; each with batch norm, the first two with ReLU6. An expansion of 1 widens nothing and leaves the first step
/// out. Without its residual connection, which is the caller's.
/// </summary>
internal sealed record InvertedConvolutionOperation(string Name, int Kernel, int Expansion) : Operation(Name, ShapeChange.Any)
{
    internal override object EntangledKind => (GetType(), Expansion > 1);

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
