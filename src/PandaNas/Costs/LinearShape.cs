namespace PandaNas.Costs;

/// <summary>The sizes of a fully connected layer.</summary>
public sealed record LinearShape : LayerShape
{
    /// <summary>Describes a fully connected layer.</summary>
    /// <param name="inputFeatures">Features of the input, at least 1.</param>
    /// <param name="outputFeatures">Features of the output, at least 1.</param>
    /// <param name="bias">Whether every output feature has a bias.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is below 1.</exception>
    public LinearShape(int inputFeatures, int outputFeatures, bool bias)
    {
        InputFeatures = AtLeastOne(inputFeatures, nameof(inputFeatures));
        OutputFeatures = AtLeastOne(outputFeatures, nameof(outputFeatures));
        Bias = bias;
    }

    /// <summary>Features of the input.</summary>
    public int InputFeatures { get; }

    /// <summary>Features of the output.</summary>
    public int OutputFeatures { get; }

    /// <summary>Whether every output feature has a bias.</summary>
    public bool Bias { get; }

    /// <inheritdoc/>
    public override string Kind => "linear";

    /// <inheritdoc/>
    public override string Name => $"{Kind} from {InputFeatures} to {OutputFeatures} features{(Bias ? ", bias" : "")}";

    /// <inheritdoc/>
    public override long Parameters => MultiplyAdds + (Bias ? OutputFeatures : 0);

    /// <inheritdoc/>
    public override long MultiplyAdds => (long)InputFeatures * OutputFeatures;
}
