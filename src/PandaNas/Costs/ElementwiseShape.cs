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
public sealed record ElementwiseShape : LayerShape
{
    /// <summary>Describes an operation.</summary>
    /// <param name="operation">What is computed.</param>
    /// <param name="channels">Channels of the output, at least 1.</param>
    /// <param name="size">Height and width in pixels, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public ElementwiseShape(ElementwiseKind operation, int channels, int size)
    {
        Operation = operation;
        Channels = AtLeastOne(channels, nameof(channels));
        Size = AtLeastOne(size, nameof(size));
    }

    /// <summary>What is computed.</summary>
    public ElementwiseKind Operation { get; }

    /// <summary>Channels of the output.</summary>
    public int Channels { get; }

    /// <summary>Height and width in pixels.</summary>
    public int Size { get; }

    /// <inheritdoc/>
    public override string Kind => "elementwise";

    /// <inheritdoc/>
    public override string Name => $"{Operation.ToString().ToLowerInvariant()} of {Channels} channels at {Size}x{Size}";

    /// <inheritdoc/>
    public override long Parameters => 0;

    /// <inheritdoc/>
    public override long MultiplyAdds => 0;
}
