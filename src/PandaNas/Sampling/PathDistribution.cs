using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>A distribution of paths that draws every choice by itself. Immutable.</summary>
public sealed class PathDistribution
{
    private readonly ImmutableArray<ImmutableArray<double>> _weights;
    private readonly ImmutableArray<double> _totals;

    private PathDistribution(ImmutableArray<ImmutableArray<double>> weights)
    {
        _weights = weights;
        _totals = [.. weights.Select(candidates => candidates.Sum())];
    }

    /// <summary>Every candidate of a choice equally likely.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation.</param>
    public static PathDistribution Uniform(ImmutableArray<ImmutableArray<int>> choices) =>
        new([.. choices.Select(candidates => candidates.Select(_ => 1.0).ToImmutableArray())]);

    /// <summary>
    /// One probability a kind of operation, shared by all choices. A choice may offer only some of the kinds: their probabilities are
    /// renormalised, or uniform when all of them are 0.
    /// </summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation; -1 in choices between something else, which are uniform.</param>
    /// <param name="probabilities">The probability of every kind, not negative.</param>
    public static PathDistribution ByKind(ImmutableArray<ImmutableArray<int>> choices, IReadOnlyList<double> probabilities) =>
        new([.. choices.Select(candidates => candidates.Select(kind => kind < 0 ? 1 : probabilities[kind]).ToImmutableArray())]);

    /// <summary>One probability a choice and candidate.</summary>
    /// <param name="probabilities">For every choice the probability of its candidates, not negative; uniform where all are 0.</param>
    public static PathDistribution ByChoice(IEnumerable<IEnumerable<double>> probabilities) =>
        new([.. probabilities.Select(candidates => candidates.ToImmutableArray())]);

    /// <summary>Whether every path can be drawn, so that an estimate under this distribution can be corrected to any other.</summary>
    public bool CoversAll => _weights.All(candidates => candidates.All(weight => weight > 0) || candidates.All(weight => weight <= 0));

    /// <summary>Whether the candidates of every choice are equally likely.</summary>
    public bool IsUniform => _weights.All(candidates => candidates.All(weight => weight == candidates[0]) || candidates.All(weight => weight <= 0));

    /// <summary>One path: a candidate index a choice.</summary>
    public int[] Draw(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        var path = new int[_weights.Length];
        for (int choice = 0; choice < path.Length; choice++) path[choice] = Draw(choice, random);
        return path;
    }

    /// <summary>The probability of a candidate at a choice.</summary>
    public double Probability(int choice, int candidate) =>
        _totals[choice] <= 0 ? 1.0 / _weights[choice].Length : _weights[choice][candidate] / _totals[choice];

    /// <summary>
    /// How often uniform sampling draws the path for every time this distribution does: the product over the choices of
    /// (1/candidates)/probability. The importance weight that turns a mean over this distribution into one over uniform paths.
    /// </summary>
    public double UniformRatio(ReadOnlySpan<int> path)
    {
        double ratio = 1;
        for (int choice = 0; choice < path.Length; choice++) ratio /= _weights[choice].Length * Probability(choice, path[choice]);
        return ratio;
    }

    private int Draw(int choice, RandomStream random)
    {
        ImmutableArray<double> weights = _weights[choice];
        if (_totals[choice] <= 0) return random.NextInt(weights.Length);
        double left = random.NextDouble() * _totals[choice];
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
