using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// The sandwich rule (Yu and Huang 2019): the largest path, the smallest path and two uniformly random ones a step. Largest and
/// smallest are taken choice by choice; among candidates that cost the same one is drawn, so the smallest path of a space with several
/// operations that cost nothing is not always the empty one.
/// </summary>
public sealed class SandwichPathSampler : MemorylessPathSampler
{
    private const int RandomPaths = 2;

    private readonly ImmutableArray<ImmutableArray<int>> _largest, _smallest;
    private readonly UniformPathSampler _uniform;

    /// <summary>A sampler for a space.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation.</param>
    /// <param name="operations">How many kinds of operation there are.</param>
    /// <param name="costs">What every candidate of every choice costs, in any unit.</param>
    public SandwichPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations, ImmutableArray<ImmutableArray<double>> costs)
    {
        _uniform = new UniformPathSampler(choices, operations);
        _largest = [.. costs.Select(candidates => WithCost(candidates, candidates.Max()))];
        _smallest = [.. costs.Select(candidates => WithCost(candidates, candidates.Min()))];
    }

    /// <inheritdoc/>
    public override ImmutableArray<double> Probabilities => _uniform.Probabilities;

    /// <inheritdoc/>
    public override int PathsPerStep => 2 + RandomPaths;

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        List<int[]> paths = [Draw(_largest, random), Draw(_smallest, random)];
        for (int i = 0; i < RandomPaths; i++) paths.AddRange(_uniform.Sample(random));
        return paths;
    }

    private static ImmutableArray<int> WithCost(ImmutableArray<double> costs, double cost) =>
        [.. Enumerable.Range(0, costs.Length).Where(candidate => costs[candidate] == cost)];

    private static int[] Draw(ImmutableArray<ImmutableArray<int>> candidates, RandomStream random) =>
        [.. candidates.Select(equals => equals[random.NextInt(equals.Length)])];
}
