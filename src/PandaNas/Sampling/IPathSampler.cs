using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>
/// Chooses the paths of every training step. A path is the candidate index taken at every choice; probabilities are kept by kind
/// of operation. State can be saved and restored for resuming.
/// </summary>
public interface IPathSampler
{
    /// <summary>The current probability of every kind of operation; sums to 1.</summary>
    ImmutableArray<double> Probabilities { get; }

    /// <summary>Whether <see cref="Observe"/> wants gradient norms; if not, none are computed.</summary>
    bool NeedsGradientNorms { get; }

    /// <summary>Whether <see cref="Observe"/> wants a norm for every choice by itself; if not, choices that take the same kind are averaged.</summary>
    bool NormsByChoice => false;

    /// <summary>Whether the first epoch draws uniformly, and only later ones by what was observed or planned.</summary>
    bool StartsUniform => NeedsGradientNorms;

    /// <summary>How many paths <see cref="Sample"/> gives: a step costs as many passes, times those of the update rule.</summary>
    int PathsPerStep => 1;

    /// <summary>From what paths are drawn now, where every choice is drawn by itself; null where they are drawn otherwise.</summary>
    PathDistribution? Distribution => null;

    /// <summary>The paths of one step, each one candidate index a choice; an update rule makes one update of all of them.</summary>
    IReadOnlyList<int[]> Sample(RandomStream random);

    /// <summary>Takes the gradient norms of a path that was just trained; called once a path where a step has several.</summary>
    /// <param name="norms">
    /// One value a kind of operation, or with <see cref="NormsByChoice"/> one a choice and kind, choice by choice; NaN for what the path
    /// does not use.
    /// </param>
    void Observe(ReadOnlySpan<double> norms);

    /// <summary>Ends an epoch.</summary>
    /// <param name="progress">The share of all epochs that is done, in (0, 1].</param>
    void EndEpoch(double progress);

    /// <summary>What <see cref="Restore"/> needs to continue.</summary>
    SamplerState Save();

    /// <summary>Continues from a saved state.</summary>
    /// <exception cref="BadDataException">The state is not one of this sampler.</exception>
    void Restore(SamplerState state);
}

/// <summary>The state of a sampler: named arrays of numbers.</summary>
/// <param name="Values">The arrays by name.</param>
public sealed record SamplerState(ImmutableSortedDictionary<string, double[]> Values)
{
    /// <summary>The state of a sampler that keeps none.</summary>
    public static SamplerState Empty { get; } = new(ImmutableSortedDictionary<string, double[]>.Empty);

    /// <summary>A state of the given arrays, copied.</summary>
    public static SamplerState Of(params ReadOnlySpan<(string Name, double[] Values)> arrays)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, double[]>(StringComparer.Ordinal);
        foreach ((string name, double[] values) in arrays) builder.Add(name, [.. values]);
        return new SamplerState(builder.ToImmutable());
    }

    /// <summary>A copy of one array, checked for its length and for finite values.</summary>
    /// <exception cref="BadDataException">There is no such array, or it has another length, or a value is not finite.</exception>
    public double[] Get(string name, int length)
    {
        if (!Values.TryGetValue(name, out double[]? values))
            throw new BadDataException($"the saved sampler state has no '{name}': it was saved by another method. Resume with the method it was trained with.");
        if (values.Length != length)
            throw new BadDataException($"'{name}' of the saved sampler state has {values.Length} values, expected {length}: it belongs to another space or data set.");
        if (!values.All(double.IsFinite)) throw new BadDataException($"'{name}' of the saved sampler state has a value that is not finite.");
        return [.. values];
    }

    /// <summary>As <see cref="Get"/>, and no value is negative.</summary>
    /// <exception cref="BadDataException">As there, or a value is negative.</exception>
    public double[] GetWeights(string name, int length)
    {
        double[] values = Get(name, length);
        return values.All(value => value >= 0) ? values : throw new BadDataException($"'{name}' of the saved sampler state has a value below 0.");
    }

    /// <summary>As <see cref="GetWeights"/>, and the values sum to 1.</summary>
    /// <exception cref="BadDataException">As there, or the sum is not 1.</exception>
    public double[] GetDistribution(string name, int length)
    {
        double[] values = GetWeights(name, length);
        double sum = values.Sum();
        return Math.Abs(sum - 1) <= 1e-6 ? values : throw new BadDataException($"'{name}' of the saved sampler state sums to {sum}, expected 1.");
    }
}
