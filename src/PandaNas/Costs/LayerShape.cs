namespace PandaNas.Costs;

/// <summary>
/// The sizes of one layer, enough to count what it costs, and to measure how long it takes, without building its network. Layers
/// without parameters and multiply-adds (pooling, activations, sums) are there for their time; an identity takes none and has no shape.
/// </summary>
internal abstract record LayerShape
{
    private protected LayerShape(params ReadOnlySpan<long> sizes)
    {
        foreach (long size in sizes) ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
    }

    /// <summary>
    /// The kind of layer, for example <c>depthwise convolution</c>: layers of one kind are slowed alike by what is around them.
    /// </summary>
    public abstract string Kind { get; }

    /// <summary>Kind and sizes in words, different for layers whose sizes differ.</summary>
    public abstract string Name { get; }

    /// <summary>Learnable scalars of the layer, at least 0.</summary>
    /// <exception cref="OverflowException">The count is above 2⁶³ − 1.</exception>
    public abstract long Parameters { get; }

    /// <summary>
    /// Multiply-adds of one forward pass of one example, at least 0. One multiplication with its addition counts 1, a bias counts 0.
    /// The "FLOPs" published with NAS-Bench-201 count the same, plus one for every bias of the classifier.
    /// </summary>
    /// <exception cref="OverflowException">The count is above 2⁶³ − 1.</exception>
    public abstract long MultiplyAdds { get; }
}
