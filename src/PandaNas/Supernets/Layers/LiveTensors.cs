using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Layers;

/// <summary>
/// Frees what a network computes once no later block reads it. A pass then takes the memory of what is read at a time and of what a
/// tape keeps for the way back, not that of all layers together, and goes on in memory that the processor has just seen.
/// </summary>
internal sealed class LiveTensors : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private IReadOnlyList<Tensor> _live = [];

    /// <summary>Computes a block, then frees what it needed on its way and what earlier blocks left for it alone.</summary>
    /// <param name="block">Gives the tensors that later blocks read; they may be some that it was given.</param>
    public IReadOnlyList<Tensor> After(Func<IReadOnlyList<Tensor>> block)
    {
        IReadOnlyList<Tensor> next = Kept(block);
        // Tensors from outside, and what a tape took over, are not this scope's.
        foreach (Tensor passed in _live)
            if (!next.Contains(passed, ReferenceEqualityComparer.Instance) && _scope.Contains(passed)) passed.Dispose();
        return _live = next;
    }

    /// <summary>The same for a single tensor.</summary>
    public Tensor After(Func<Tensor> block) => After(() => (IReadOnlyList<Tensor>)[block()])[0];

    /// <summary>Hands a result to the scope around.</summary>
    public Tensor Result(Tensor tensor) => _scope.MoveToOuter(tensor);

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();

    private static IReadOnlyList<Tensor> Kept(Func<IReadOnlyList<Tensor>> block)
    {
        using DisposeScope own = NewDisposeScope();
        IReadOnlyList<Tensor> results = block();
        foreach (Tensor result in results)
            if (own.Contains(result)) own.MoveToOuter(result);
        return results;
    }
}
