using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// The sandwich rule (Yu and Huang 2019): the largest path, the smallest path and two uniformly random ones per step. Largest and
/// smallest are taken choice by choice; among candidates of the same size one is drawn, so the smallest path of a space with several
/// operations that cost nothing is not always the empty one.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="size">The size of an architecture, in any unit.</param>
internal sealed class SandwichPathSampler(SearchSpace space, Func<Architecture, double> size) : IPathSampler
{
    private const int RandomPaths = 2;

    private readonly ImmutableArray<CandidateSizes> _sizes = CandidateSizes.Of(space, size);

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities { get; } = [.. Mixture.Uniform(space.Operations.Length)];

    /// <inheritdoc/>
    public int PathsPerStep => 2 + RandomPaths;

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<Architecture> paths =
        [
            CandidateSizes.Draw(_sizes, sizes => sizes.Largest, random), CandidateSizes.Draw(_sizes, sizes => sizes.Smallest, random),
        ];
        for (int i = 0; i < RandomPaths; i++) paths.Add(UniformArchitectures.Draw(space, random));
        return paths;
    }
}
