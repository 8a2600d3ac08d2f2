using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// Draws paths in the first step of every epoch and then trains those for the whole epoch. It reproduces a defect of the baselines
/// that came with PA&amp;DA's code, whose list of paths is made once an epoch and only appended to, while its first rows are read: with
/// <see cref="FairPathSampler"/> inside, an epoch sees K paths in all. For understanding published numbers, not for use.
/// </summary>
/// <param name="inner">Draws the paths.</param>
/// <param name="choices">For every choice its candidates, as kinds of operation.</param>
public sealed class EpochFrozenPathSampler(IPathSampler inner, ImmutableArray<ImmutableArray<int>> choices) : IPathSampler
{
    private const string FrozenName = "frozen_paths";
    private const double NotDrawn = -1;

    private int[][] _frozen = [];

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => inner.Probabilities;

    /// <inheritdoc/>
    public bool NeedsGradientNorms => inner.NeedsGradientNorms;

    /// <inheritdoc/>
    public bool NormsByChoice => inner.NormsByChoice;

    /// <inheritdoc/>
    public int PathsPerStep => inner.PathsPerStep;

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random)
    {
        if (_frozen.Length == 0) _frozen = [.. inner.Sample(random)];
        return [.. _frozen.Select(path => path.ToArray())];
    }

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> norms) => inner.Observe(norms);

    /// <summary>Forgets the paths; the next epoch draws its own.</summary>
    public void EndEpoch(double progress)
    {
        inner.EndEpoch(progress);
        _frozen = [];
    }

    /// <inheritdoc/>
    public SamplerState Save()
    {
        double[] frozen = _frozen.Length == 0
            ? [.. Enumerable.Repeat(NotDrawn, PathsPerStep * choices.Length)]
            : [.. _frozen.SelectMany(path => path).Select(candidate => (double)candidate)];
        return new SamplerState(inner.Save().Values.Add(FrozenName, frozen));
    }

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] frozen = state.Get(FrozenName, PathsPerStep * choices.Length);
        int[][] paths = frozen.All(value => value == NotDrawn) ? [] : [.. frozen.Chunk(choices.Length).Select(path => SavedPath.Read(path, choices, FrozenName))];
        inner.Restore(state);
        _frozen = paths;
    }
}
