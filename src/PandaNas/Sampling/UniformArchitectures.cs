using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>Draws architectures uniformly: every one of a space is equally likely.</summary>
internal static class UniformArchitectures
{
    /// <summary>Draws one architecture, every choice independently; takes one number of the stream per choice.</summary>
    public static Architecture Draw(SearchSpace space, RandomStream stream)
    {
        var candidates = new int[space.Choices.Length];
        for (int choice = 0; choice < candidates.Length; choice++) candidates[choice] = stream.NextInt(space.Choices[choice].Candidates);
        return new Architecture(candidates);
    }

    /// <summary>
    /// Draws one choice, of those with more than one candidate, and another candidate for it, both uniformly; the same architecture where
    /// nothing can be chosen.
    /// </summary>
    public static Architecture DrawNeighbour(SearchSpace space, Architecture architecture, RandomStream stream)
    {
        int[] open = [.. Enumerable.Range(0, space.Choices.Length).Where(choice => space.Choices[choice].Candidates > 1)];
        if (open.Length == 0) return architecture;
        int changed = open[stream.NextInt(open.Length)];
        int other = stream.NextInt(space.Choices[changed].Candidates - 1);
        return architecture.With(changed, other < architecture[changed] ? other : other + 1);
    }

    /// <summary>Draws different architectures, every set of that many equally likely, in the order drawn.</summary>
    /// <param name="space">The space.</param>
    /// <param name="count">How many, in [0, size of the space].</param>
    /// <param name="stream">Where the numbers come from.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is negative.</exception>
    /// <exception cref="BadOptionException">The space has fewer architectures than asked for.</exception>
    public static IReadOnlyList<Architecture> DrawDistinct(SearchSpace space, int count, RandomStream stream)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        if (count > space.Size)
            throw new BadOptionException($"{count} different architectures were asked for, {space.Name} has {space.Size}");
        // Rejection takes at most two draws per architecture on average while at least half of the space is left.
        return count <= space.Size / 2 ? DrawByRejection(space, count, stream) : DrawByShuffling(space, count, stream);
    }

    private static List<Architecture> DrawByRejection(SearchSpace space, int count, RandomStream stream)
    {
        var seen = new HashSet<Architecture>();
        var drawn = new List<Architecture>(count);
        while (drawn.Count < count)
        {
            Architecture architecture = Draw(space, stream);
            if (seen.Add(architecture)) drawn.Add(architecture);
        }
        return drawn;
    }

    private static Architecture[] DrawByShuffling(SearchSpace space, int count, RandomStream stream)
    {
        int[] numbers = stream.Permutation((int)space.Size);
        return Array.ConvertAll(numbers[..count], number => space.At(number));
    }
}
