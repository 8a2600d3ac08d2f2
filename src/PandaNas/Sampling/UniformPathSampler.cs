using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>One path per step, every candidate of every choice equally likely (SPOS, Guo et al. 2020).</summary>
internal sealed class UniformPathSampler(SearchSpace space) : IPathSampler
{
    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities { get; } = [.. Mixture.Uniform(space.Operations.Length)];

    /// <inheritdoc/>
    public PathDistribution Distribution { get; } = PathDistribution.Uniform(space);

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random) => [UniformArchitectures.Draw(space, random)];
}
