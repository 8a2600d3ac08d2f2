using System.Collections.Immutable;
using PandaNas.Spaces;

namespace PandaNas.Sampling;

/// <summary>The state of a sampler: named arrays of numbers.</summary>
/// <param name="Values">The arrays by name.</param>
public sealed record SamplerState(ImmutableSortedDictionary<string, double[]> Values)
{
    // Fills the array of paths that are still to be drawn, so that its length is always the same.
    private const double NotDrawn = -1;

    /// <summary>The state of a sampler that keeps none.</summary>
    public static SamplerState Empty { get; } = new(ImmutableSortedDictionary<string, double[]>.Empty);

    /// <summary>A state of the given arrays, copied.</summary>
    public static SamplerState Of(params ReadOnlySpan<(string Name, double[] Values)> arrays)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, double[]>(StringComparer.Ordinal);
        foreach ((string name, double[] values) in arrays) builder.Add(name, [.. values]);
        return new SamplerState(builder.ToImmutable());
    }

    /// <summary>This state with the given paths besides.</summary>
    /// <param name="name">The name under which <see cref="GetPaths"/> finds them.</param>
    /// <param name="paths">As many as <paramref name="count"/>, or none where they are still to be drawn.</param>
    /// <param name="count">How many there are once they are drawn.</param>
    /// <param name="space">Their space.</param>
    public SamplerState WithPaths(string name, IReadOnlyList<Architecture> paths, int count, SearchSpace space)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ArgumentNullException.ThrowIfNull(space);
        double[] numbers = paths.Count > 0
            ? [.. paths.SelectMany(path => path.Candidates).Select(candidate => (double)candidate)]
            : [.. Enumerable.Repeat(NotDrawn, count * space.Choices.Length)];
        return new SamplerState(Values.Add(name, numbers));
    }

    /// <summary>A copy of one array, checked for its length and for finite values.</summary>
    /// <exception cref="BadDataException">There is no such array, or it has another length, or a value is not finite.</exception>
    public double[] Get(string name, int length)
    {
        if (!Values.TryGetValue(name, out double[]? values))
            throw new BadDataException(
                $"the saved sampler state has no '{name}': it was saved by another method. Resume with the method it was trained with.");
        if (values.Length != length)
            throw Bad(name, $"has {values.Length} values, expected {length}: it belongs to another space or data set.");
        return values.All(double.IsFinite) ? [.. values] : throw Bad(name, "has a value that is not finite.");
    }

    /// <summary>As <see cref="Get"/>, and no value is negative.</summary>
    /// <exception cref="BadDataException">As there, or a value is negative.</exception>
    public double[] GetWeights(string name, int length)
    {
        double[] values = Get(name, length);
        return values.All(value => value >= 0) ? values : throw Bad(name, "has a value below 0.");
    }

    /// <summary>As <see cref="GetWeights"/>, and the values sum to 1.</summary>
    /// <exception cref="BadDataException">As there, or the sum is not 1.</exception>
    public double[] GetDistribution(string name, int length)
    {
        double[] values = GetWeights(name, length);
        double sum = values.Sum();
        return Math.Abs(sum - 1) <= 1e-6 ? values : throw Bad(name, $"sums to {sum}, expected 1.");
    }

    /// <summary>The paths that <see cref="WithPaths"/> saved; none where they were still to be drawn.</summary>
    /// <exception cref="BadDataException">As for <see cref="Get"/>, or a number is no candidate of its choice.</exception>
    public IReadOnlyList<Architecture> GetPaths(string name, int count, SearchSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        int choices = space.Choices.Length;
        double[] numbers = Get(name, count * choices);
        return numbers.All(number => number == NotDrawn) ? [] : [.. numbers.Chunk(choices).Select(path => PathOf(path, name, space))];
    }

    private static Architecture PathOf(double[] numbers, string name, SearchSpace space)
    {
        var candidates = new int[numbers.Length];
        for (int choice = 0; choice < candidates.Length; choice++)
        {
            candidates[choice] = (int)numbers[choice];
            int offered = space.Choices[choice].Candidates;
            if (candidates[choice] != numbers[choice] || (uint)candidates[choice] >= (uint)offered)
                throw Bad(name, $"has {numbers[choice]} at choice {choice}, expected a candidate from 0 to {offered - 1}: "
                    + "it belongs to another space.");
        }
        return new Architecture(candidates);
    }

    private static BadDataException Bad(string name, string problem) => new($"'{name}' of the saved sampler state {problem}");
}
