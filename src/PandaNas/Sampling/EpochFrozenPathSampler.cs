using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// Draws paths in the first step of every epoch and then trains those for the whole epoch. It reproduces a defect of the baselines
/// that came with PA&amp;DA's code, whose list of paths is made once per epoch and only appended to, while its first rows are read: with
/// <see cref="FairPathSampler"/> inside, an epoch sees K paths in all. For understanding published numbers, not for use.
/// </summary>
/// <param name="inner">Draws the paths.</param>
/// <param name="space">Their space.</param>
internal sealed class EpochFrozenPathSampler(IPathSampler inner, SearchSpace space) : IPathSampler
{
    private const string FrozenName = "frozen_paths";

    private IReadOnlyList<Architecture> _frozen = [];

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => inner.Probabilities;

    /// <inheritdoc/>
    public bool NeedsGradientNorms => inner.NeedsGradientNorms;

    /// <inheritdoc/>
    public int PathsPerStep => inner.PathsPerStep;

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        if (_frozen.Count == 0) _frozen = inner.Sample(random);
        return _frozen;
    }

    /// <inheritdoc/>
    public void Observe(PathNorms norms) => inner.Observe(norms);

    /// <summary>Forgets the paths; the next epoch draws its own.</summary>
    public void EndEpoch(double progress)
    {
        inner.EndEpoch(progress);
        _frozen = [];
    }

    /// <inheritdoc/>
    public SamplerState Save() => inner.Save().WithPaths(FrozenName, _frozen, PathsPerStep, space);

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        IReadOnlyList<Architecture> frozen = state.GetPaths(FrozenName, PathsPerStep, space);
        inner.Restore(state);
        _frozen = frozen;
    }
}
