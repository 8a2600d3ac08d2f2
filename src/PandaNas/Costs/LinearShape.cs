namespace PandaNas.Costs;

/// <summary>The sizes of a fully connected layer.</summary>
/// <param name="InputFeatures">Features of the input.</param>
/// <param name="OutputFeatures">Features of the output.</param>
/// <param name="Bias">Whether every output feature has a bias.</param>
/// <exception cref="ArgumentException">A size is below 1.</exception>
internal sealed record LinearShape(int InputFeatures, int OutputFeatures, bool Bias) : LayerShape(InputFeatures, OutputFeatures)
{
    /// <inheritdoc/>
    public override string Kind => "linear";

    /// <inheritdoc/>
    public override string Name => $"{Kind} from {InputFeatures} to {OutputFeatures} features{(Bias ? ", bias" : "")}";

    /// <inheritdoc/>
    public override long Parameters => MultiplyAdds + (Bias ? OutputFeatures : 0);

    /// <inheritdoc/>
    public override long MultiplyAdds => (long)InputFeatures * OutputFeatures;
}
