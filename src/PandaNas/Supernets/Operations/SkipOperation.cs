using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

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
