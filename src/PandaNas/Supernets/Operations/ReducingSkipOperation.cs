using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

/// <summary>The input as it is, and where the size is halved a factorized reduction: DARTS's skip connection.</summary>
internal sealed record ReducingSkipOperation(string Name) : Operation(Name, ShapeChange.Size)
{
    internal override IMadeOperation Make(OperationSetting setting) =>
        setting.Shape.Stride == 1 ? new Identity() : new FactorizedReduction(setting);
}

/// <summary>
/// Halves the size without losing pixels: a 1×1 convolution of every second pixel beside one of the pixels between, side by side,
/// and a batch norm (Liu et al. 2019). The ReLU before is the node's. Height and width must be even.
/// </summary>
internal sealed class FactorizedReduction(OperationSetting setting) : IMadeOperation
{
    private readonly Convolution _even =
        new(setting.Store, $"{setting.Name}.conv_1", setting.Shape.Inputs, setting.Shape.Outputs / 2, 1, 1, bias: false);
    private readonly Convolution _odd =
        new(setting.Store, $"{setting.Name}.conv_2", setting.Shape.Inputs, (setting.Shape.Outputs + 1) / 2, 1, 1, bias: false);
    private readonly BatchNorm _norm = new(setting.Store, $"{setting.Name}.bn", setting.Shape.Outputs, setting.Network.Normalization);

    public Reads Reads => Reads.Activated;

    // A 1×1 convolution of stride 2 would do the same, but libtorch's is broken: docs/dependencies.md.
    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class
    {
        T even = computation.Convolve(computation.EverySecond(input.Activated, 0), _even);
        T odd = computation.Convolve(computation.EverySecond(input.Activated, 1), _odd);
        return [new(computation.Concatenate(even, odd), _norm)];
    }
}
