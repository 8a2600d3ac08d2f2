using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>One path a step, every candidate of every choice equally likely (SPOS, Guo et al. 2020).</summary>
public sealed class UniformPathSampler : IPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;

    /// <summary>A sampler for a space.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 for those of choices that are between something else.</param>
    /// <param name="operations">How many kinds of operation there are.</param>
    public UniformPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations)
    {
        _choices = choices;
        Probabilities = [.. Enumerable.Repeat(1.0 / operations, operations)];
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities { get; }

    /// <inheritdoc/>
    public bool NeedsGradientNorms => false;

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random) => [[.. _choices.Select(candidates => random.NextInt(candidates.Length))]];

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
