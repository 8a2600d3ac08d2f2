using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// A control for PA: the same growing preference, but for what is known beforehand, the operations with weights. Since PA's
/// probabilities drift to them, it tells whether the gradient norms matter or only the drift does.
/// </summary>
internal sealed class BiasedPathSampler : IPathSampler
{
    private readonly SearchSpace _space;
    private readonly double[] _weights;
    private readonly Func<double, double> _confidence;
    private double[] _probabilities;

    /// <summary>A sampler for a space, uniform at first.</summary>
    /// <param name="space">The space.</param>
    /// <param name="size">
    /// The parameters of an architecture: an operation has weights if taking it makes some choice larger than its smallest candidate.
    /// </param>
    /// <param name="confidence">δ as a function of progress, both in [0, 1]: the weight of the preference against uniform.</param>
    public BiasedPathSampler(SearchSpace space, Func<Architecture, double> size, Func<double, double> confidence)
    {
        (_space, _confidence) = (space, confidence);
        _weights = new double[space.Operations.Length];
        foreach ((Choice choice, CandidateSizes sizes) in space.Choices.Zip(CandidateSizes.Of(space, size)))
            if (choice.Operations is { } operations)
                foreach (int larger in Enumerable.Range(0, choice.Candidates).Except(sizes.Smallest)) _weights[operations[larger]] = 1;
        Use(Mixture.Uniform(_weights.Length));
    }

    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities => [.. _probabilities];

    /// <inheritdoc/>
    public bool StartsUniform => true;

    /// <inheritdoc/>
    public PathDistribution Distribution { get; private set; }

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random) => [Distribution.Draw(random)];

    /// <summary>p ← δ·w/Σw + (1 − δ)/K, w = 1 for operations with weights, else 0.</summary>
    public void EndEpoch(double progress) => Use(Mixture.WithUniform(_weights, _confidence(progress)));

    /// <inheritdoc/>
    public SamplerState Save() => SamplerState.Of(("probabilities", _probabilities));

    /// <inheritdoc/>
    public void Restore(SamplerState state)
    {
        ArgumentNullException.ThrowIfNull(state);
        Use(state.GetDistribution("probabilities", _weights.Length));
    }

    [MemberNotNull(nameof(_probabilities), nameof(Distribution))]
    private void Use(double[] probabilities) =>
        (_probabilities, Distribution) = (probabilities, PathDistribution.ByOperation(_space, probabilities));
}
