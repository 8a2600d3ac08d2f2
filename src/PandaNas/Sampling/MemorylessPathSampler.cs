using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>A path sampler that learns nothing and keeps nothing: every step's paths come from the random stream alone.</summary>
public abstract class MemorylessPathSampler : IPathSampler
{
    /// <inheritdoc/>
    public abstract ImmutableArray<double> Probabilities { get; }

    /// <inheritdoc/>
    public bool NeedsGradientNorms => false;

    /// <inheritdoc/>
    public virtual int PathsPerStep => 1;

    /// <inheritdoc/>
    public virtual PathDistribution? Distribution => null;

    /// <inheritdoc/>
    public abstract IReadOnlyList<int[]> Sample(RandomStream random);

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> norms)
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
