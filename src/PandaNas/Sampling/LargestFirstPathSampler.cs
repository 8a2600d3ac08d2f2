using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// The largest path alone for the first tenth of a training, then what another sampler draws: what all paths share has learned
/// something before they compete for it (Once-for-all, Cai et al. 2020, trains the largest first). Largest is meant choice by choice;
/// among candidates of the same size one is drawn in every step.
/// </summary>
/// <param name="then">Draws the paths of the rest.</param>
/// <param name="space">The space.</param>
/// <param name="size">The size of an architecture, in any unit.</param>
internal sealed class LargestFirstPathSampler(IPathSampler then, SearchSpace space, Func<Architecture, double> size) : IPathSampler
{
    private const double Share = 0.1;
    private const string ProgressName = "progress";

    private readonly ImmutableArray<CandidateSizes> _sizes = CandidateSizes.Of(space, size);
    private double _progress;

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => then.Probabilities;

    /// <inheritdoc/>
    public bool NeedsGradientNorms => then.NeedsGradientNorms;

    /// <inheritdoc/>
    public bool StartsUniform => false;

    /// <inheritdoc/>
    public int PathsPerStep => then.PathsPerStep;

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (_progress >= Share) return then.Sample(random);
        return [.. Enumerable.Range(0, PathsPerStep).Select(_ => CandidateSizes.Draw(_sizes, sizes => sizes.Largest, random))];
    }

    /// <inheritdoc/>
    public void Observe(PathNorms norms) => then.Observe(norms);

    /// <inheritdoc/>
    public void EndEpoch(double progress)
    {
        then.EndEpoch(progress);
        _progress = progress;
    }

    /// <inheritdoc/>
    public SamplerState Save() => new(then.Save().Values.Add(ProgressName, [_progress]));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double progress = state.GetWeights(ProgressName, 1)[0];
        then.Restore(state);
        _progress = progress;
    }
}
