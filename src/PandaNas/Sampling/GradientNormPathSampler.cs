using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// PA of PA&amp;DA (Lu et al. 2023): one path a step, every candidate in proportion to the gradient norm that its kind of operation
/// showed in the last epoch, mixed with the uniform distribution. Kinds without weights have norm 0 and keep the uniform share.
/// </summary>
public sealed class GradientNormPathSampler : IPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;
    private readonly Func<double, double> _confidence;
    private readonly bool _carry;
    private readonly double[] _running;
    private double[] _probabilities;

    /// <summary>A sampler for a space, uniform at first.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 for those of choices that are between something else.</param>
    /// <param name="operations">K: how many kinds of operation there are.</param>
    /// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the norms against uniform.</param>
    /// <param name="carry">Whether running norms go on into the next epoch; as released they start at 0 in every epoch.</param>
    public GradientNormPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations, Func<double, double> confidence, bool carry = false)
    {
        _choices = choices;
        _confidence = confidence;
        _carry = carry;
        _running = new double[operations];
        _probabilities = Mixture.Uniform(operations);
        Distribution = PathDistribution.ByKind(choices, _probabilities);
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => [.. _probabilities];

    /// <inheritdoc/>
    public bool NeedsGradientNorms => true;

    /// <inheritdoc/>
    public PathDistribution Distribution { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random) => [Distribution.Draw(random)];

    /// <summary>m ← (m + n) / 2 for every kind in the path (as released: m starts at 0 in every epoch).</summary>
    public void Observe(ReadOnlySpan<double> norms) => RunningNorms.Add(_running, norms);

    /// <summary>p ← δ·m/Σm + (1 − δ)/K, then m ← 0 unless carried.</summary>
    public void EndEpoch(double progress)
    {
        _probabilities = Mixture.WithUniform(_running, _confidence(progress));
        Distribution = PathDistribution.ByKind(_choices, _probabilities);
        if (!_carry) Array.Clear(_running);
    }

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Of(("probabilities", _probabilities), ("running_norms", _running));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] running = state.GetWeights("running_norms", _running.Length);
        _probabilities = state.GetDistribution("probabilities", _running.Length);
        Distribution = PathDistribution.ByKind(_choices, _probabilities);
        running.CopyTo(_running, 0);
    }
}
