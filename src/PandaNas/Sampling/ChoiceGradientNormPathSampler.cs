using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// PA with one probability vector per choice instead of one that all choices share: what an operation's gradients say at one edge is
/// used at that edge only. Choices that are not between operations stay uniform.
/// </summary>
/// <inheritdoc cref="GradientNormSampler"/>
internal sealed class ChoiceGradientNormPathSampler(SearchSpace space, Func<double, double> confidence, bool carry = false)
    : GradientNormSampler(space, space.Choices.Length * space.Operations.Length, confidence, carry)
{
    /// <summary>The probability of every kind of operation, averaged over the choices between operations; sums to 1.</summary>
    public override ImmutableArray<double> Probabilities
    {
        get
        {
            var sums = new double[Space.Operations.Length];
            int choices = 0;
            for (int choice = 0; choice < Space.Choices.Length; choice++)
            {
                if (Space.Choices[choice].Operations is not { } operations) continue;
                choices++;
                for (int candidate = 0; candidate < operations.Length; candidate++)
                    sums[operations[candidate]] += Distribution.Probability(choice, candidate);
            }
            return [.. sums.Select(sum => sum / choices)];
        }
    }

    /// <summary>n of every choice is the norm of the operation that the path takes there.</summary>
    public override void Observe(PathNorms norms)
    {
        ArgumentNullException.ThrowIfNull(norms);
        for (int choice = 0; choice < norms.AtChoices.Length; choice++)
            if (norms.AtChoices[choice] is { } norm && Space.OperationAt(norms.Path, choice) is { } operation)
                Take(IndexOf(choice, operation), norm);
    }

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, double[] Norms)> VectorNorms()
    {
        for (int choice = 0; choice < Space.Choices.Length; choice++)
            yield return (string.Create(CultureInfo.InvariantCulture, $"probabilities_{choice:D3}"), NormsAt(choice));
    }

    /// <inheritdoc/>
    protected override PathDistribution DistributionOf(IReadOnlyList<double[]> vectors) =>
        PathDistribution.ByChoice(Space, choice => vectors[choice]);

    private double[] NormsAt(int choice) => Space.Choices[choice].Operations is { } operations
        ? [.. operations.Select(operation => Running[IndexOf(choice, operation)])]
        : new double[Space.Choices[choice].Candidates];

    private int IndexOf(int choice, int operation) => choice * Space.Operations.Length + operation;
}
