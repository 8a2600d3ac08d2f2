using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// Strict fairness (FairNAS, Chu et al. 2021): a random permutation of the K candidates at every choice gives K paths a step, in which
/// every candidate of every choice stands exactly once. K is the largest number of candidates that a choice has; a choice with fewer
/// deals its candidates in fresh permutations until K are out, so that in a step none stands more than once more often than another,
/// and which ones do is uniformly random.
/// </summary>
public sealed class FairPathSampler : MemorylessPathSampler
{
    private readonly ImmutableArray<ImmutableArray<int>> _choices;

    /// <summary>A sampler for a space.</summary>
    /// <param name="choices">For every choice its candidates, as kinds of operation.</param>
    /// <param name="operations">How many kinds of operation there are.</param>
    public FairPathSampler(ImmutableArray<ImmutableArray<int>> choices, int operations)
    {
        _choices = choices;
        PathsPerStep = choices.Max(candidates => candidates.Length);
        Probabilities = [.. Mixture.Uniform(operations)];
    }

    /// <inheritdoc/>
    public override ImmutableArray<double> Probabilities { get; }

    /// <summary>K.</summary>
    public override int PathsPerStep { get; }

    /// <inheritdoc/>
    public override IReadOnlyList<int[]> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int[][] paths = [.. Enumerable.Range(0, PathsPerStep).Select(_ => new int[_choices.Length])];
        for (int choice = 0; choice < _choices.Length; choice++)
        {
            int[] deck = [.. Enumerable.Range(0, _choices[choice].Length)];
            for (int path = 0; path < paths.Length; path++)
            {
                if (path % deck.Length == 0) random.Shuffle<int>(deck);
                paths[path][choice] = deck[path % deck.Length];
            }
        }
        return paths;
    }
}
