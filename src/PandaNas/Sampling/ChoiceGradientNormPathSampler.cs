using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// PA with one probability vector a choice instead of one that all choices share: what an operation's gradients say at one edge is
/// used at that edge only. Otherwise as <see cref="GradientNormPathSampler"/>.
/// </summary>
public sealed class ChoiceGradientNormPathSampler : IPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;
    private readonly int _operations;
    private readonly Func<double, double> _confidence;
    private readonly bool _carry;
    private readonly double[] _running;
    private double[][] _probabilities;

    /// <summary>A sampler for a space, uniform at first.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 in choices between something else, which stay uniform.</param>
    /// <param name="operations">K: how many kinds of operation there are.</param>
    /// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the norms against uniform.</param>
    /// <param name="carry">Whether running norms go on into the next epoch.</param>
    public ChoiceGradientNormPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations, Func<double, double> confidence, bool carry = false)
    {
        _choices = choices;
        _operations = operations;
        _confidence = confidence;
        _carry = carry;
        _running = new double[choices.Length * operations];
        _probabilities = Mixed(0);
        Distribution = PathDistribution.ByChoice(_probabilities);
    }

    /// <summary>The probability of every kind of operation, averaged over the choices between operations; sums to 1.</summary>
    public ImmutableArray<double> Probabilities
    {
        get
        {
            var sums = new double[_operations];
            int choices = 0;
            for (int choice = 0; choice < _choices.Length; choice++)
            {
                if (_choices[choice][0] < 0) continue;
                choices++;
                for (int candidate = 0; candidate < _choices[choice].Length; candidate++)
                    sums[_choices[choice][candidate]] += Distribution.Probability(choice, candidate);
            }
            return [.. sums.Select(sum => sum / choices)];
        }
    }

    /// <inheritdoc/>
    public bool NeedsGradientNorms => true;

    /// <inheritdoc/>
    public bool NormsByChoice => true;

    /// <inheritdoc/>
    public PathDistribution Distribution { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<int[]> Sample(RandomStream random) => [Distribution.Draw(random)];

    /// <summary>m ← (m + n) / 2 for every choice and the kind that the path takes there.</summary>
    public void Observe(ReadOnlySpan<double> norms) => RunningNorms.Add(_running, norms);

    /// <summary>For every choice p ← δ·m/Σm + (1 − δ)/K over its K candidates, then m ← 0 unless carried.</summary>
    public void EndEpoch(double progress)
    {
        _probabilities = Mixed(_confidence(progress));
        Distribution = PathDistribution.ByChoice(_probabilities);
        if (!_carry) Array.Clear(_running);
    }

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Of(
        [("running_norms", _running), .. _probabilities.Select((probabilities, choice) => (NameOf(choice), probabilities))]);

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] running = state.GetWeights("running_norms", _running.Length);
        _probabilities = [.. _choices.Select((candidates, choice) => state.GetDistribution(NameOf(choice), candidates.Length))];
        Distribution = PathDistribution.ByChoice(_probabilities);
        running.CopyTo(_running, 0);
    }

    private double[][] Mixed(double confidence) =>
        [.. _choices.Select((candidates, choice) => Mixture.WithUniform([.. candidates.Select(kind => kind < 0 ? 0 : _running[choice * _operations + kind])], confidence))];

    private static string NameOf(int choice) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"probabilities_{choice:D3}");
}
