using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>A distribution of a space's architectures that draws every choice by itself. Immutable.</summary>
public sealed class PathDistribution
{
    private readonly ImmutableArray<CandidateDistribution> _choices;

    private PathDistribution(IEnumerable<CandidateDistribution> choices) => _choices = [.. choices];

    /// <summary>Every candidate of a choice equally likely.</summary>
    public static PathDistribution Uniform(SearchSpace space) => Of(space, choice => Enumerable.Repeat(1.0, choice.Candidates));

    /// <summary>
    /// One probability per kind of operation, shared by all choices. A choice may offer only some of the kinds: their probabilities are
    /// renormalised, or uniform when all of them are 0. Choices that are not between operations are uniform.
    /// </summary>
    /// <param name="space">The space.</param>
    /// <param name="probabilities">Of every kind, in the order of <see cref="SearchSpace.Operations"/>; not negative.</param>
    public static PathDistribution ByOperation(SearchSpace space, IReadOnlyList<double> probabilities) => Of(space, choice =>
        choice.Operations is { } operations
            ? operations.Select(operation => probabilities[operation])
            : Enumerable.Repeat(1.0, choice.Candidates));

    /// <summary>One probability per choice and candidate.</summary>
    /// <param name="space">The space.</param>
    /// <param name="probabilities">Of the candidates of a choice, by its index; not negative. Uniform where all are 0.</param>
    public static PathDistribution ByChoice(SearchSpace space, Func<int, IEnumerable<double>> probabilities)
    {
        ArgumentNullException.ThrowIfNull(space);
        return new(space.Choices.Select((_, choice) => new CandidateDistribution([.. probabilities(choice)])));
    }

    /// <summary>Whether every path can be drawn, so that an estimate under this distribution can be corrected to any other.</summary>
    internal bool CoversAll => _choices.All(choice => choice.CoversAll);

    /// <summary>Whether the candidates of every choice are equally likely.</summary>
    internal bool IsUniform => _choices.All(choice => choice.IsUniform);

    /// <summary>One path.</summary>
    public Architecture Draw(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        return new Architecture([.. _choices.Select(choice => choice.Draw(random))]);
    }

    /// <summary>The probability of a candidate at a choice.</summary>
    public double Probability(int choice, int candidate) => _choices[choice].Probability(candidate);

    /// <summary>
    /// How often uniform sampling draws the path for every time this distribution does: the product over the choices of
    /// (1/candidates)/probability. The importance weight that turns a mean over this distribution into one over uniform paths.
    /// </summary>
    internal double UniformRatio(Architecture path)
    {
        ArgumentNullException.ThrowIfNull(path);
        double ratio = 1;
        for (int choice = 0; choice < _choices.Length; choice++)
            ratio /= _choices[choice].Candidates * _choices[choice].Probability(path[choice]);
        return ratio;
    }

    private static PathDistribution Of(SearchSpace space, Func<Choice, IEnumerable<double>> weights) =>
        new(space.Choices.Select(choice => new CandidateDistribution([.. weights(choice)])));

    /// <summary>The distribution of one choice.</summary>
    /// <param name="weights">Proportional to the probabilities of the candidates, not negative; uniform where all are 0.</param>
    private sealed class CandidateDistribution(ImmutableArray<double> weights)
    {
        private readonly double _total = weights.Sum();

        public int Candidates => weights.Length;

        public bool CoversAll => weights.All(weight => weight > 0) || weights.All(weight => weight <= 0);

        public bool IsUniform => weights.All(weight => weight == weights[0]) || weights.All(weight => weight <= 0);

        public double Probability(int candidate) => _total <= 0 ? 1.0 / weights.Length : weights[candidate] / _total;

        public int Draw(RandomStream random)
        {
            if (_total <= 0) return random.NextInt(weights.Length);
            double left = random.NextDouble() * _total;
            int drawn = 0;
            for (int candidate = 0; candidate < weights.Length; candidate++)
            {
                if (weights[candidate] <= 0) continue;
                drawn = candidate;
                left -= weights[candidate];
                if (left < 0) break;
            }
            // Rounding can leave a rest after the last one; it belongs to the last that may be drawn.
            return drawn;
        }
    }
}
