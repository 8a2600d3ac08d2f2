using static TorchSharp.torch;

namespace PandaNas.Supernets.Defined;

/// <summary>One computation of a network.</summary>
/// <param name="Training">Whether batch norms work as in training.</param>
/// <param name="Ceiling">The activation's upper bound.</param>
/// <param name="DropPath">What is left out at random.</param>
internal readonly record struct Pass(bool Training, float Ceiling, DropPath DropPath)
{
    /// <summary>The value of a place.</summary>
    /// <param name="terms">What it is the sum of.</param>
    /// <param name="reads">What is wanted of it.</param>
    /// <param name="activate">Whether the activation is applied before anybody reads it.</param>
    public Features Sum(ReadOnlySpan<Term> terms, Reads reads, bool activate = false)
    {
        if (!activate) return Node.Sum(terms, reads, Training, Ceiling);
        // Activating twice changes nothing.
        Tensor activated = Node.Sum(terms, Reads.Activated, Training, Ceiling).Activated;
        return new Features(activated, activated);
    }

    /// <summary>What an operation makes of a value.</summary>
    public Term Apply(IOperation operation, Features input) => operation.Forward(operation.Reads == Reads.Activated ? input.Activated : input.Raw, Training);
}
