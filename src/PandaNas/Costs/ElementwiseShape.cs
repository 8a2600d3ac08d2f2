namespace PandaNas.Costs;

/// <summary>An operation on every value by itself.</summary>
public enum ElementwiseKind
{
    /// <summary>The sum of two tensors.</summary>
    Addition,

    /// <summary>max(x, 0).</summary>
    Relu,

    /// <summary>min(max(x, 0), 6).</summary>
    Relu6,

    /// <summary>Several tensors put side by side.</summary>
    Concatenation,
}

/// <summary>The sizes of an operation on every value by itself. It has no parameters and counts no multiply-adds, but takes time.</summary>
/// <param name="Operation">What is computed.</param>
/// <param name="Channels">Channels of the output.</param>
/// <param name="Size">Height and width in pixels.</param>
/// <exception cref="ArgumentException">A size is below 1.</exception>
public sealed record ElementwiseShape(ElementwiseKind Operation, int Channels, int Size) : LayerShape(Channels, Size)
{
    /// <inheritdoc/>
    public override string Kind => "elementwise";

    /// <inheritdoc/>
    public override string Name => $"{Operation.ToString().ToLowerInvariant()} of {Channels} channels at {Size}x{Size}";

    /// <inheritdoc/>
    public override long Parameters => 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;
}
