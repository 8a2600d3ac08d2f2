using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType ConvolutionType { get; } =
        new("convolution", [("kernel", null)], (name, numbers) => Convolution(name, numbers[0]));

    /// <summary>ReLU, a convolution and batch norm.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="kernel">Side in pixels: odd, 1 to 15. One of 1 cannot have stride 2.</param>
    public static Operation Convolution(string name, int kernel) => new ConvolutionOperation(name, Kernel(kernel, 1));
}

/// <summary>The activation, a convolution and batch norm.</summary>
// A 1×1 convolution of stride 2 corrupts memory in libtorch: docs/dependencies.md.
internal sealed record ConvolutionOperation(string Name, int Kernel)
    : Operation(Name, Kernel == 1 ? ShapeChange.Channels : ShapeChange.Any)
{
    internal override object EntangledKind => GetType();

    internal override IMadeOperation Make(OperationSetting setting) => new ConvolutionNorm(
        setting.Network, setting.Name, setting.Shape.Inputs, setting.Shape.Outputs, Kernel, setting.Shape.Stride,
        setting.Network.ConvolutionBias);
}

/// <summary>A convolution and its batch norm; an activation before them is the node's, so that it can be shared.</summary>
internal sealed class ConvolutionNorm(
    NetworkSetting network, string name, int inputs, int outputs, int kernel, int stride, bool bias =
        false, int groups = 1, double scale = 1)
    : IMadeOperation
{
    private readonly Convolution _convolution = new(network.Store, $"{name}.conv", inputs, outputs, kernel, stride, bias, groups);
    private readonly BatchNorm _norm = new(network.Store, $"{name}.bn", outputs, network.Normalization, scale);

    public Reads Reads => Reads.Activated;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class => [Of(computation, input.Activated)];

    /// <summary>The same of a value that is activated, if it is to be.</summary>
    public Term<T> Of<T>(IComputation<T> computation, T input) where T : class => new(computation.Convolve(input, _convolution), _norm);
}
