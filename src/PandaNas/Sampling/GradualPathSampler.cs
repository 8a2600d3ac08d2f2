using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// MAGIC-T (Xu et al. 2022): paths of adjacent steps differ in one operation, which lessens the interference on the weights they share.
/// The first path is uniform; then in every step one choice, uniformly drawn among those that offer more than one candidate, takes a
/// uniformly drawn other candidate.
/// </summary>
internal sealed class GradualPathSampler(SearchSpace space) : IPathSampler
{
    private const string LastName = "last_path";

    private Architecture? _last;

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities { get; } = [.. Mixture.Uniform(space.Operations.Length)];

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        _last = _last is null ? UniformArchitectures.Draw(space, random) : UniformArchitectures.DrawNeighbour(space, _last, random);
        return [_last];
    }

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Empty.WithPaths(LastName, _last is null ? [] : [_last], 1, space);

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        _last = state.GetPaths(LastName, 1, space).FirstOrDefault();
    }
}
