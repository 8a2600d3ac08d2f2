namespace PandaNas.Costs;

/// <summary>
/// The sizes of one layer, enough to count what it costs without building it. Layers that cost nothing (pooling, activations,
/// identity) have no shape: they are left out of the list that <see cref="CostCounter"/> sums.
/// </summary>
public abstract record LayerShape
{
    private protected LayerShape()
    {
    }

    /// <summary>Learnable scalars of the layer, at least 0.</summary>
    /// <exception cref="OverflowException">The count is above 2⁶³ − 1.</exception>
    public abstract long Parameters { get; }

    /// <summary>
    /// Multiply-adds of one forward pass of one example, at least 0. One multiplication with its addition counts 1, a bias counts 0.
    /// The "FLOPs" published with NAS-Bench-201 count the same, plus one for every bias of the classifier.
    /// </summary>
    /// <exception cref="OverflowException">The count is above 2⁶³ − 1.</exception>
    public abstract long MultiplyAdds { get; }

    private protected static int AtLeastOne(int value, string name)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, name);
        return value;
    }
}
