using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType DoubleConvolutionType { get; } =
        new("double-convolution", [("kernel", null), ("width", 100)], (name, numbers) => DoubleConvolution(name, numbers[0], numbers[1]));

    /// <summary>
    /// Twice activation, convolution and batch norm: what ResNet has beside the input. The residual connection is the layer's.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side of both in pixels: odd, 3 to 15.</param>
    /// <param name="width">Channels between the two in percent of those of its output, 10 to 400.</param>
    public static Operation DoubleConvolution(string name, int kernel, int width = 100) =>
        new DoubleConvolutionOperation(name, Kernel(kernel, 3), InRange(width, 10, 400, nameof(width)));
}

/// <summary>Two activation-convolution-BN, the first of which has the stride.</summary>
internal sealed record DoubleConvolutionOperation(string Name, int Kernel, int Width) : Operation(Name, ShapeChange.Any)
{
    // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
    private const int FewestChannels = 2;

    internal override object EntangledKind => GetType();

    internal override IMadeOperation Make(OperationSetting setting) =>
        new DoubleConvolution(setting, Kernel, Math.Max(FewestChannels, setting.Shape.Outputs * Width / 100));
}

internal sealed class DoubleConvolution(OperationSetting setting, int kernel, int between) : IMadeOperation
{
    private readonly ConvolutionNorm _first = new(
        setting.Network, $"{setting.Name}.first", setting.Shape.Inputs, between, kernel, setting.Shape.Stride,
        setting.Network.ConvolutionBias);
    private readonly ConvolutionNorm _second = new(
        setting.Network, $"{setting.Name}.second", between, setting.Shape.Outputs, kernel, 1, setting.Network.ConvolutionBias);

    public Reads Reads => Reads.Activated;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class =>
        _second.Apply(computation, computation.Sum(_first.Apply(computation, input), Reads.Activated));
}
