namespace PandaNas.Sampling;

/// <summary>
/// DA of PA&amp;DA (Lu et al. 2023): examples in proportion to an upper bound of their gradient norm (Katharopoulos and Fleuret
/// 2018), mixed with the uniform distribution. The first epoch takes every example once; later ones draw with replacement.
/// </summary>
internal sealed class ImportanceDataSampler : IDataSampler
{
    private readonly Func<double, double> _confidence;
    private readonly bool _carry;
    private readonly double[] _running;
    private double[] _probabilities;
    private bool _first = true;

    /// <summary>A sampler, uniform at first.</summary>
    /// <param name="count">N: how many examples there are.</param>
    /// <param name="confidence">τ as a function of progress, both in [0, 1]: the weight of the importances against uniform.</param>
    /// <param name="carry">Whether running importances go on into the next epoch; as released they start at 0 in every epoch.</param>
    /// <param name="corrects">Whether losses are weighted by 1/(N·q); the released code does not.</param>
    public ImportanceDataSampler(int count, Func<double, double> confidence, bool carry = false, bool corrects = false)
    {
        _confidence = confidence;
        _carry = carry;
        CorrectsLosses = corrects;
        _running = new double[count];
        _probabilities = Mixture.Uniform(count);
    }

    /// <inheritdoc/>
    public ReadOnlySpan<double> Probabilities => _probabilities;

    /// <inheritdoc/>
    public bool NeedsImportance => true;

    /// <inheritdoc/>
    public bool CorrectsLosses { get; }

    /// <inheritdoc/>
    public int[] EpochOrder(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        if (_first) return random.Permutation(_running.Length);
        var table = new AliasTable(_probabilities);
        return [.. _running.Select(_ => table.Draw(random))];
    }

    /// <summary>g ← importance when an example is first seen in an epoch, then g ← (g + importance) / 2 (as released).</summary>
    public void Observe(ReadOnlySpan<int> examples, ReadOnlySpan<float> importances)
    {
        for (int i = 0; i < examples.Length; i++)
        {
            ref double running = ref _running[examples[i]];
            running = running == 0 ? importances[i] : (running + importances[i]) / 2;
        }
    }

    /// <summary>q ← τ·g/Σg + (1 − τ)/N, then g ← 0 unless carried; examples without g have 0 and keep the uniform share.</summary>
    public void EndEpoch(double progress)
    {
        _probabilities = Mixture.WithUniform(_running, _confidence(progress));
        if (!_carry) Array.Clear(_running);
        _first = false;
    }

    /// <inheritdoc/>
    public SamplerState Save() =>
        SamplerState.Of(("probabilities", _probabilities), ("running_importances", _running), ("first_epoch", [_first ? 1 : 0]));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] running = state.GetWeights("running_importances", _running.Length);
        _probabilities = state.GetDistribution("probabilities", _running.Length);
        running.CopyTo(_running, 0);
        _first = state.Get("first_epoch", 1)[0] != 0;
    }
}
