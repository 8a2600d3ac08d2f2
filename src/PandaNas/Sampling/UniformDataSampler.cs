namespace PandaNas.Sampling;

/// <summary>Every example once an epoch, in random order.</summary>
/// <param name="count">How many examples there are.</param>
public sealed class UniformDataSampler(int count) : IDataSampler
{
    private readonly double[] _probabilities = Mixture.Uniform(count);

    /// <inheritdoc/>
    public ReadOnlySpan<double> Probabilities => _probabilities;

    /// <inheritdoc/>
    public bool NeedsImportance => false;

    /// <inheritdoc/>
    public int[] EpochOrder(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int[] order = [.. Enumerable.Range(0, _probabilities.Length)];
        random.Shuffle<int>(order);
        return order;
    }

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<int> examples, ReadOnlySpan<float> importances)
    {
    }

    /// <inheritdoc/>
    public void EndEpoch(double progress)
    {
    }

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Empty;

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
    }
}
