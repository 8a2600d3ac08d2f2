namespace PandaNas.Searching;

/// <summary>The options of <see cref="EvolutionarySearch"/>; the defaults are those of SPOS's released code (Guo et al. 2020).</summary>
public sealed record EvolutionarySearchOptions
{
    /// <summary>The most architectures a search may visit: population times generations.</summary>
    public const int MaxArchitectures = RandomSearchOptions.MaxArchitectures;

    /// <summary>Architectures a generation, at least 1. Default 50.</summary>
    public int Population { get; init; } = 50;

    /// <summary>Generations, the random first one included, at least 1. Default 20.</summary>
    public int Generations { get; init; } = 20;

    /// <summary>
    /// The probability with which a mutation draws a choice anew, in (0, 1]; the new candidate may be the old one. Default 0.1.
    /// </summary>
    public double MutationProbability { get; init; } = 0.1;

    /// <summary>The share of a generation that comes from crossover, in [0, 1]; the rest comes from mutation. Default 0.5.</summary>
    public double CrossoverFraction { get; init; } = 0.5;

    /// <summary>How many of the best architectures seen so far are the parents, at least 1. Default 10.</summary>
    public int TopK { get; init; } = 10;

    /// <summary>Throws unless every option is in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public void Validate()
    {
        Require(Population >= 1, "population", Population, "at least 1");
        Require(Generations >= 1, "generations", Generations, "at least 1");
        Require((long)Population * Generations <= MaxArchitectures, "population times generations", (long)Population * Generations, $"at most {MaxArchitectures}");
        Require(MutationProbability is > 0 and <= 1, "mutation probability", MutationProbability, "above 0 and at most 1");
        Require(CrossoverFraction is >= 0 and <= 1, "crossover fraction", CrossoverFraction, "0 to 1");
        Require(TopK >= 1, "top-k", TopK, "at least 1");
    }

    private static void Require(bool holds, string option, double value, string expected)
    {
        if (!holds)
            throw new BadOptionException(FormattableString.Invariant($"evolutionary search: {option} is {value}; expected {expected}"));
    }
}
