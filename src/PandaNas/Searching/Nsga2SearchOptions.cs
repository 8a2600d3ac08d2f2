using System.Collections.Immutable;

namespace PandaNas.Searching;

/// <summary>The options of <see cref="Nsga2Search"/>.</summary>
public sealed record Nsga2SearchOptions
{
    /// <summary>What is weighed: accuracy and at least one cost. Default accuracy and parameters.</summary>
    public ImmutableArray<SearchObjective> Objectives { get; init; } = [SearchObjective.Accuracy, SearchObjective.Params];

    /// <summary>The most architectures of a generation: every two of them and of their parents are compared.</summary>
    public const int MaxPopulation = 5_000;

    /// <summary>Architectures a generation, in [2, <see cref="MaxPopulation"/>]. Default 50.</summary>
    public int Population { get; init; } = 50;

    /// <summary>Generations, the random first one included, at least 1. Default 20.</summary>
    public int Generations { get; init; } = 20;

    /// <summary>The probability with which a mutation draws a choice anew, in (0, 1]. Default 0.1.</summary>
    public double MutationProbability { get; init; } = 0.1;

    /// <summary>The probability that a child has two parents before it is mutated, in [0, 1]. Default 0.9, as of Deb et al.</summary>
    public double CrossoverProbability { get; init; } = 0.9;

    /// <summary>Throws unless every option is in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public void Validate()
    {
        SearchObjectives.Check(Objectives);
        Require(Population is >= 2 and <= MaxPopulation, "population", Population, $"2 to {MaxPopulation}");
        Require(Generations >= 1, "generations", Generations, "at least 1");
        long architectures = (long)Population * Generations;
        Require(architectures <= RandomSearchOptions.MaxArchitectures, "population times generations", architectures, $"at most {RandomSearchOptions.MaxArchitectures}");
        Require(MutationProbability is > 0 and <= 1, "mutation probability", MutationProbability, "above 0 and at most 1");
        Require(CrossoverProbability is >= 0 and <= 1, "crossover probability", CrossoverProbability, "0 to 1");
    }

    private static void Require(bool holds, string option, double value, string expected)
    {
        if (!holds) throw new BadOptionException(FormattableString.Invariant($"nsga2: {option} is {value}; expected {expected}"));
    }
}
