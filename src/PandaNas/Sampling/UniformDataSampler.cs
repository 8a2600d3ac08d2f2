namespace PandaNas.Sampling;

/// <summary>Every example once per epoch, in random order.</summary>
/// <param name="count">How many examples there are.</param>
internal sealed class UniformDataSampler(int count) : IDataSampler
{
    private readonly double[] _probabilities = Mixture.Uniform(count);

    /// <inheritdoc/>
    public ReadOnlySpan<double> Probabilities => _probabilities;

    /// <inheritdoc/>
    public int[] EpochOrder(RandomStream random) => random.Permutation(count);
}
