using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

public abstract partial record Operation
{
    private static OperationType SkipType { get; } = new("skip", [], (name, _) => Skip(name));

    /// <summary>The input as it is; a layer that takes it is left out. Where channels or size change it is no candidate.</summary>
    public static Operation Skip(string name) => new SkipOperation(name);
}

/// <summary>The input as it is.</summary>
internal sealed record SkipOperation(string Name) : Operation(Name, ShapeChange.None)
{
    internal override bool IsSkip => true;

    internal override IMadeOperation Make(OperationSetting setting) => new Identity();
}

/// <summary>The input as it is.</summary>
internal sealed class Identity : IMadeOperation
{
    public Reads Reads => Reads.Raw;

    public Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class => [new(input.Raw)];
}
