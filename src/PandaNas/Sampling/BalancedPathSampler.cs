using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// Draws every part of a space equally often, such as every depth of its paths, and inside a part as another sampler draws there. Uniform
/// sampling rarely takes deep paths, which are the ones that search looks for; so their weights are trained for shallow ones. By depth
/// and with uniform paths inside: EFS-NAS's sampling (AAAI 2025). Paths that are in no part, disconnected ones, are never drawn.
/// </summary>
/// <param name="proposals">Draws one path a step.</param>
/// <param name="divide">Makes the parts; called once, when they are needed.</param>
internal sealed class BalancedPathSampler(IPathSampler proposals, Func<Strata> divide) : IPathSampler
{
    private readonly Lazy<Strata> _strata = new(divide);
    private ImmutableArray<double>? _probabilities;

    /// <summary>Estimated, see <see cref="Strata.Shares"/>.</summary>
    public ImmutableArray<double> Probabilities => _probabilities ??= _strata.Value.Shares(proposals.Distribution);

    /// <inheritdoc/>
    public bool NeedsGradientNorms => proposals.NeedsGradientNorms;

    /// <inheritdoc/>
    public bool StartsUniform => false;

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int part = random.NextInt(_strata.Value.Count);
        return [_strata.Value.Draw(part, () => proposals.Sample(random)[0], random)];
    }

    /// <inheritdoc/>
    public void Observe(PathNorms norms) => proposals.Observe(norms);

    /// <inheritdoc/>
    public void EndEpoch(double progress)
    {
        proposals.EndEpoch(progress);
        _probabilities = null;
    }

    /// <inheritdoc/>
    public SamplerState Save() => proposals.Save();

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        proposals.Restore(state);
        _probabilities = null;
    }
}
