namespace PandaNas.Costs;

/// <summary>A layer of another kind, by its figures.</summary>
public sealed record OtherLayerShape : LayerShape
{
    /// <summary>Describes a layer.</summary>
    /// <param name="parameters">Learnable scalars, at least 0.</param>
    /// <param name="multiplyAdds">Multiply-adds of one forward pass of one example, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A figure is below 0.</exception>
    public OtherLayerShape(long parameters, long multiplyAdds)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(multiplyAdds);
        (Parameters, MultiplyAdds) = (parameters, multiplyAdds);
    }

    /// <inheritdoc/>
    public override string Kind => "module";

    /// <inheritdoc/>
    public override string Name => $"{Kind} of {Parameters} parameters and {MultiplyAdds} multiply-adds";

    /// <inheritdoc/>
    public override long Parameters { get; }

    /// <inheritdoc/>
    public override long MultiplyAdds { get; }
}
