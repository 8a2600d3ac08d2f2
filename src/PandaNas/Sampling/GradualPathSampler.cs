using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// MAGIC-T (Xu et al. 2022): paths of adjacent steps differ in one operation, which lessens the interference on the weights they share.
/// The first path is uniform; then in every step one choice, uniformly drawn among those that offer more than one candidate, takes a
/// uniformly drawn other candidate.
/// </summary>
public sealed class GradualPathSampler : IPathSampler
{
    private const string LastName = "last_path";
    private const double NotDrawn = -1;

    private readonly ImmutableArray<ImmutableArray<int>> _choices;
    private readonly ImmutableArray<int> _variable;
    private readonly UniformPathSampler _uniform;
    private int[] _last = [];

    /// <summary>A sampler for a space.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation.</param>
    /// <param name="operations">How many kinds of operation there are.</param>
    public GradualPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations)
    {
        _choices = choices;
        _variable = [.. Enumerable.Range(0, choices.Length).Where(choice => choices[choice].Length > 1)];
        _uniform = new UniformPathSampler(choices, operations);
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => _uniform.Probabilities;

    /// <inheritdoc/>
    public bool NeedsGradientNorms => false;

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (_last.Length == 0) _last = _uniform.Sample(random)[0];
        else if (_variable.Length > 0) ChangeOne(random);
        return [[.. _last]];
    }

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> norms)
    {
    }

    /// <inheritdoc/>
    public void EndEpoch(double progress)
    {
    }

    /// <inheritdoc/>
    public SamplerState Save() =>
        SamplerState.Of((LastName, _last.Length == 0 ? [.. Enumerable.Repeat(NotDrawn, _choices.Length)] : [.. _last.Select(candidate => (double)candidate)]));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] last = state.Get(LastName, _choices.Length);
        _last = last.All(value => value == NotDrawn) ? [] : SavedPath.Read(last, _choices, LastName);
    }

    private void ChangeOne(RandomStream random)
    {
        int choice = _variable[random.NextInt(_variable.Length)];
        int other = random.NextInt(_choices[choice].Length - 1);
        _last[choice] = other < _last[choice] ? other : other + 1;
    }
}
