using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType SeparableConvolutionType { get; } =
        new(
            "separable-convolution", [("kernel", null), ("dilation", 1)],
            (name, numbers) => SeparableConvolution(name, numbers[0], numbers[1]));

    /// <summary>ReLU, a depthwise convolution, a 1×1 convolution and batch norm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side in pixels: odd, 3 to 15.</param>
    /// <param name="dilation">Pixels from one tap of the kernel to the next, 1 to 8.</param>
    public static Operation SeparableConvolution(string name, int kernel, int dilation = 1) =>
        new SeparableConvolutionOperation(name, Kernel(kernel, 3), InRange(dilation, 1, 8, nameof(dilation)));
}

/// <summary>
/// The activation, a depthwise and a 1×1 convolution, and batch norm. With a dilation it is what DARTS calls a dilated convolution.
/// </summary>
internal sealed record SeparableConvolutionOperation(string Name, int Kernel, int Dilation) : Operation(Name, ShapeChange.Any)
{
    internal override object EntangledKind => (GetType(), Dilation);

    internal override IMadeOperation Make(OperationSetting setting) =>
        new SeparableConvolution(setting, setting.Shape.Stride, Kernel, Dilation);
}

/// <summary>DARTS's separable convolution: applied twice, with a stride the first time only.</summary>
internal sealed record TwiceSeparableConvolutionOperation(string Name, int Kernel) : Operation(Name, ShapeChange.Size)
{
    internal override object EntangledKind => GetType();

    internal override IMadeOperation Make(OperationSetting setting) => new TwiceSeparableConvolution(setting, Kernel);
}

internal sealed class SeparableConvolution(OperationSetting setting, int stride, int kernel, int dilation) : IMadeOperation
{
    private readonly Convolution _depthwise = new(
        setting.Store, $"{setting.Name}.depthwise", setting.Shape.Inputs, setting.Shape.Inputs, kernel, stride, bias: false,
        groups: setting.Shape.Inputs, dilation);
    private readonly Convolution _pointwise =
        new(setting.Store, $"{setting.Name}.pointwise", setting.Shape.Inputs, setting.Shape.Outputs, 1, 1, bias: false);
    private readonly BatchNorm _norm = new(setting.Store, $"{setting.Name}.bn", setting.Shape.Outputs, setting.Network.Normalization);

    public Reads Reads => Reads.Activated;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class =>
        [new(computation.Convolve(computation.Convolve(input.Activated, _depthwise), _pointwise), _norm)];
}

internal sealed class TwiceSeparableConvolution(OperationSetting setting, int kernel) : IMadeOperation
{
    private readonly SeparableConvolution _first = new(setting with { Name = $"{setting.Name}.first" }, setting.Shape.Stride, kernel, 1);
    private readonly SeparableConvolution _second = new(setting with { Name = $"{setting.Name}.second" }, 1, kernel, 1);

    public Reads Reads => Reads.Activated;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class =>
        _second.Apply(computation, computation.Sum(_first.Apply(computation, input), Reads.Activated));
}
