using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>One path a step, every candidate of every choice equally likely (SPOS, Guo et al. 2020).</summary>
public sealed class UniformPathSampler : MemorylessPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;

    /// <summary>A sampler for a space.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 for those of choices that are between something else.</param>
    /// <param name="operations">How many kinds of operation there are.</param>
    public UniformPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations)
    {
        _choices = choices;
        Distribution = PathDistribution.Uniform(choices);
        Probabilities = [.. Mixture.Uniform(operations)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<double> Probabilities { get; }

    /// <inheritdoc/>
    public override PathDistribution Distribution { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> Sample(RandomStream random) => [[.. _choices.Select(candidates => random.NextInt(candidates.Length))]];
}
