using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType ResidualBlockType { get; } = new("residual-block", [], (name, _) => ResidualBlock(name));

    /// <summary>
    /// Two 3×3 convolutions beside the input, as in ResNet; where the shape changes, the input is halved by average pooling and goes
    /// through a 1×1 convolution.
    /// </summary>
    public static Operation ResidualBlock(string name) => new ResidualBlockOperation(name);
}

/// <summary>
/// Two activation-Conv3×3-BN beside the input, as in ResNet's and NAS-Bench-201's reductions; where the shape changes the input is halved
/// by average pooling, if the stride is 2, and goes through a 1×1 convolution.
/// </summary>
internal sealed record ResidualBlockOperation(string Name) : Operation(Name, ShapeChange.Any)
{
    internal override IMadeOperation Make(OperationSetting setting) => new ResidualBlock(setting);
}

internal sealed class ResidualBlock : IMadeOperation
{
    private readonly ConvolutionNorm _first, _second;
    private readonly Shortcut _shortcut;

    public ResidualBlock(OperationSetting setting)
    {
        (NetworkSetting network, OperationShape shape) = (setting.Network, setting.Shape);
        bool bias = network.ConvolutionBias;
        // Builds up to November 2026 had ReLU here in every space: what they trained elsewhere does not fit by its names.
        string first = setting.Clips ? "conv_a_clipped" : "conv_a";
        _first = new ConvolutionNorm(network, $"{setting.Name}.{first}", shape.Inputs, shape.Outputs, 3, shape.Stride, bias);
        _second = new ConvolutionNorm(network, $"{setting.Name}.conv_b", shape.Outputs, shape.Outputs, 3, 1, bias);
        _shortcut = new Shortcut(setting);
    }

    public Reads Reads => Reads.Both;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class
    {
        T middle = computation.Sum(_first.Apply(computation, input), Reads.Activated).Activated;
        return [_second.Of(computation, middle), _shortcut.Of(computation, input.Raw)];
    }
}
