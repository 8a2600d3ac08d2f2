using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// PA of PA&amp;DA (Lu et al. 2023): one path per step, every candidate in proportion to the gradient norm that its kind of operation
/// showed in the last epoch, mixed with the uniform distribution. Kinds without weights have norm 0 and keep the uniform share.
/// </summary>
/// <inheritdoc cref="GradientNormSampler"/>
internal sealed class GradientNormPathSampler(SearchSpace space, Func<double, double> confidence, bool carry = false)
    : GradientNormSampler(space, space.Operations.Length, confidence, carry)
{
    /// <inheritdoc/>
    public override ImmutableArray<double> Probabilities => [.. Vectors[0]];

    /// <summary>
    /// For every kind o that the path takes: n is the sum of the norms at the choices that take o, divided by how many do. Kinds that it
    /// does not take keep their running norm.
    /// </summary>
    public override void Observe(PathNorms norms)
    {
        ArgumentNullException.ThrowIfNull(norms);
        var sums = new double[Space.Operations.Length];
        var choices = new int[sums.Length];
        for (int choice = 0; choice < norms.AtChoices.Length; choice++)
        {
            if (norms.AtChoices[choice] is not { } norm || Space.OperationAt(norms.Path, choice) is not { } operation) continue;
            sums[operation] += norm;
            choices[operation]++;
        }
        for (int operation = 0; operation < sums.Length; operation++)
            if (choices[operation] > 0) Take(operation, sums[operation] / choices[operation]);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, double[] Norms)> VectorNorms() => [("probabilities", Running.ToArray())];

    /// <inheritdoc/>
    protected override PathDistribution DistributionOf(IReadOnlyList<double[]> vectors) => PathDistribution.ByOperation(Space, vectors[0]);
}
