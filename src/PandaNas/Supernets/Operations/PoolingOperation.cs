using PandaNas.Costs;
using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType AveragePoolType { get; } = new("average-pool", [], (name, _) => AveragePool(name));

    /// <summary>3×3 average pooling that leaves the padding out of the mean. It keeps the channels.</summary>
    public static Operation AveragePool(string name) => new PoolingOperation(name, PoolingKind.Average);

    private static OperationType MaxPoolType { get; } = new("max-pool", [], (name, _) => MaxPool(name));

    /// <summary>3×3 max pooling. It keeps the channels.</summary>
    public static Operation MaxPool(string name) => new PoolingOperation(name, PoolingKind.Max);
}

/// <summary>3×3 pooling.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind">What it keeps of the pixels that it sees.</param>
/// <param name="NormalizedInSupernets">
/// Whether a batch norm follows in supernets, so that it weighs as much as a convolution there (Liu et al. 2019).
/// </param>
internal sealed record PoolingOperation(
    string Name, PoolingKind Kind, bool NormalizedInSupernets = false) : Operation(Name, ShapeChange.Size)
{
    internal override IMadeOperation Make(OperationSetting setting) => new MadePooling(
        Pooling.Same3x3(Kind, setting.Shape.Stride),
        NormalizedInSupernets && !setting.Network.IsStandalone
            ? new BatchNorm(setting.Store, $"{setting.Name}.bn", setting.Shape.Outputs, setting.Network.Normalization)
            : null);
}

internal sealed class MadePooling(Pooling pooling, BatchNorm? norm) : IMadeOperation
{
    public Reads Reads => Reads.Raw;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class =>
        [new(computation.Pool(input.Raw, pooling), norm)];
}
