using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// What the samplers by gradient norm share: running norms as PA&amp;DA's released code has them, and probability vectors that mix them
/// with the uniform distribution. They differ in what they aggregate norms to and in which vectors they keep.
/// </summary>
/// <param name="space">The space.</param>
/// <param name="norms">How many running norms there are.</param>
/// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the norms against uniform.</param>
/// <param name="carry">Whether running norms go on into the next epoch; as released they start at 0 in every epoch.</param>
internal abstract class GradientNormSampler(SearchSpace space, int norms, Func<double, double> confidence, bool carry) : IPathSampler
{
    private const string RunningName = "running_norms";

    private readonly double[] _running = new double[norms];
    private double[][]? _probabilities;
    private PathDistribution? _distribution;

    /// <inheritdoc/>
    public abstract ImmutableArray<double> Probabilities { get; }

    /// <inheritdoc/>
    public bool NeedsGradientNorms => true;

    /// <inheritdoc/>
    public PathDistribution Distribution => _distribution ??= DistributionOf(Vectors);

    /// <summary>The space.</summary>
    protected SearchSpace Space => space;

    /// <summary>m.</summary>
    protected ReadOnlySpan<double> Running => _running;

    /// <summary>The probability vectors, uniform at first.</summary>
    protected IReadOnlyList<double[]> Vectors => _probabilities ??= Mixed(0);

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random) => [Distribution.Draw(random)];

    /// <summary>Aggregates the norms and takes every aggregate by <see cref="Take"/>.</summary>
    public abstract void Observe(PathNorms norms);

    /// <summary>For every vector p ← δ·m/Σm + (1 − δ)/K over its K entries, then m ← 0 unless carried.</summary>
    public void EndEpoch(double progress)
    {
        Use(Mixed(confidence(progress)));
        if (!carry) Array.Clear(_running);
    }

    /// <inheritdoc/>
    public SamplerState Save() =>
        SamplerState.Of([(RunningName, _running), .. VectorNorms().Zip(Vectors, (vector, values) => (vector.Name, values))]);

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double[] running = state.GetWeights(RunningName, _running.Length);
        Use([.. VectorNorms().Select(vector => state.GetDistribution(vector.Name, vector.Norms.Length))]);
        running.CopyTo(_running, 0);
    }

    /// <summary>m ← (m + n) / 2. A norm that overflowed says nothing.</summary>
    protected void Take(int index, double norm)
    {
        if (double.IsFinite(norm)) _running[index] = (_running[index] + norm) / 2;
    }

    /// <summary>For every probability vector its name in saved states and the running norms of its entries.</summary>
    protected abstract IEnumerable<(string Name, double[] Norms)> VectorNorms();

    /// <summary>The distribution of paths by the probability vectors.</summary>
    protected abstract PathDistribution DistributionOf(IReadOnlyList<double[]> vectors);

    private double[][] Mixed(double share) => [.. VectorNorms().Select(vector => Mixture.WithUniform(vector.Norms, share))];

    private void Use(double[][] vectors) => (_probabilities, _distribution) = (vectors, null);
}
