using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>
/// Strict fairness (FairNAS, Chu et al. 2021): a random permutation of the K candidates at every choice gives K paths per step, in which
/// every candidate of every choice stands exactly once. K is the largest number of candidates that a choice has; a choice with fewer
/// deals its candidates in fresh permutations until K are out, so that in a step none stands more than once more often than another,
/// and which ones do is uniformly random.
/// </summary>
internal sealed class FairPathSampler(SearchSpace space) : IPathSampler
{
    /// <inheritdoc/>
    public ImmutableArray<double> Probabilities { get; } = [.. Mixture.Uniform(space.Operations.Length)];

    /// <summary>K.</summary>
    public int PathsPerStep { get; } = space.Choices.Max(choice => choice.Candidates);

    /// <inheritdoc/>
    public IReadOnlyList<Architecture> Sample(RandomStream random)
    {
        ArgumentNullException.ThrowIfNull(random);
        int[][] paths = [.. Enumerable.Range(0, PathsPerStep).Select(_ => new int[space.Choices.Length])];
        for (int choice = 0; choice < space.Choices.Length; choice++)
        {
            int[] deck = [.. Enumerable.Range(0, space.Choices[choice].Candidates)];
            for (int path = 0; path < PathsPerStep; path++)
            {
                if (path % deck.Length == 0) random.Shuffle<int>(deck);
                paths[path][choice] = deck[path % deck.Length];
            }
        }
        return [.. paths.Select(path => new Architecture(path))];
    }
}
