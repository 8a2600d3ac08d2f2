using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// A control for PA: the same growing preference, but for weights that are fixed beforehand. Since PA's probabilities drift to the
/// convolutions, it tells whether the gradient norms matter or only the drift does.
/// </summary>
public sealed class BiasedPathSampler : IPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;
    private readonly ImmutableArray<double> _weights;
    private readonly Func<double, double> _confidence;
    private double[] _probabilities;

    /// <summary>A sampler for a space, uniform at first.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation.</param>
    /// <param name="weights">w: what every kind of operation is preferred by, not negative.</param>
    /// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the preference against uniform.</param>
    public BiasedPathSampler(ImmutableArray<ImmutableArray<int>> choices, ImmutableArray<double> weights, Func<double, double> confidence)
    {
        _choices = choices;
        _weights = weights;
        _confidence = confidence;
        _probabilities = Mixture.Uniform(weights.Length);
        Distribution = PathDistribution.ByKind(choices, _probabilities);
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => [.. _probabilities];

    /// <inheritdoc/>
    public bool StartsUniform => true;

    /// <inheritdoc/>
    public bool NeedsGradientNorms => false;

    /// <inheritdoc/>
    public PathDistribution Distribution { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random) => [Distribution.Draw(random)];

    /// <inheritdoc/>
    public void Observe(ReadOnlySpan<double> norms)
    {
    }

    /// <summary>p ← δ·w/Σw + (1 − δ)/K.</summary>
    public void EndEpoch(double progress) => Use(Mixture.WithUniform(_weights.AsSpan(), _confidence(progress)));

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Of(("probabilities", _probabilities));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Use(state.GetDistribution("probabilities", _weights.Length));
    }

    private void Use(double[] probabilities)
    {
        _probabilities = probabilities;
        Distribution = PathDistribution.ByKind(_choices, probabilities);
    }
}
