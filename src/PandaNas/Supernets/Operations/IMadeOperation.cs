using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Operations;

/// <summary>An operation made for one place of a network: its weights, and what it computes with them.</summary>
internal interface IMadeOperation
{
    /// <summary>What it reads of its source: the value, its activation, which all that read it share, or both.</summary>
    Reads Reads { get; }

    /// <summary>Computes it.</summary>
    /// <param name="computation">What is computed with.</param>
    /// <param name="input">What it reads.</param>
    /// <returns>The terms of its output, at least one; whoever reads them adds them up, after their batch norms.</returns>
    Term<T>[] Apply<T>(IComputation<T> computation, Features<T> input) where T : class;
}

/// <summary>Operations as parts of a network.</summary>
internal static class MadeOperations
{
    /// <summary>The terms of an operation's output, complete.</summary>
    public static Term<T>[] Take<T>(this IComputation<T> computation, IMadeOperation operation, Features<T> input) where T : class =>
        computation.Complete(operation.Apply(computation, input));
}
