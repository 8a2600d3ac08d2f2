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
    private readonly double[] _running;
    private double[] _probabilities;

    /// <summary>A sampler for a space, uniform at first.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 for those of choices that are between something else.</param>
    /// <param name="operations">K: how many kinds of operation there are.</param>
    /// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the norms against uniform.</param>
    public GradientNormPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations, Func<double, double> confidence)
    {
        _choices = choices;
        _confidence = confidence;
        _running = new double[operations];
        _probabilities = [.. Enumerable.Repeat(1.0 / operations, operations)];
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => [.. _probabilities];

    /// <inheritdoc/>
    public bool NeedsGradientNorms => true;

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var path = new int[_choices.Length];
        for (int choice = 0; choice < path.Length; choice++) path[choice] = Draw(_choices[choice], random);
        return [path];
    }

    /// <summary>m ← (m + n) / 2 for every kind in the path (as released: m starts at 0 in every epoch).</summary>
    public void Observe(ReadOnlySpan<double> norms)
    {
        for (int operation = 0; operation < _running.Length; operation++)
            if (!double.IsNaN(norms[operation])) _running[operation] = (_running[operation] + norms[operation]) / 2;
    }

    /// <summary>p ← δ·m/Σm + (1 − δ)/K, then m ← 0.</summary>
    public void EndEpoch(double progress)
    {
        _probabilities = Mixture.WithUniform(_running, _confidence(progress));
        Array.Clear(_running);
    }

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Of(("probabilities", _probabilities), ("running_norms", _running));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] running = state.GetWeights("running_norms", _running.Length);
        _probabilities = state.GetDistribution("probabilities", _running.Length);
        running.CopyTo(_running, 0);
    }

    // A choice may offer only some of the kinds: their probabilities are renormalised, or uniform when all of them are 0.
    private int Draw(ImmutableArray<int> candidates, RandomStream random)
    {
        if (candidates[0] < 0) return random.NextInt(candidates.Length);
        double total = 0;
        foreach (int operation in candidates) total += _probabilities[operation];
        if (total <= 0) return random.NextInt(candidates.Length);
        double left = random.NextDouble() * total;
        int drawn = 0;
        for (int candidate = 0; candidate < candidates.Length; candidate++)
        {
            double probability = _probabilities[candidates[candidate]];
            if (probability <= 0) continue;
            drawn = candidate;
            left -= probability;
            if (left < 0) break;
        }
        // Rounding can leave a rest after the last one; it belongs to the last that may be drawn.
        return drawn;
    }
}
