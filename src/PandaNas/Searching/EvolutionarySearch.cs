using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>The options of <see cref="EvolutionarySearch"/>; the defaults are those of SPOS's released code (Guo et al. 2020).</summary>
internal sealed record EvolutionarySearchOptions
{
    /// <summary>The most architectures a search may visit: population times generations.</summary>
    public const int MaxArchitectures = RandomSearchOptions.MaxArchitectures;

    /// <summary>Architectures per generation, at least 1. Default 50.</summary>
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

    /// <summary>The same options, every one in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public EvolutionarySearchOptions Validated()
    {
        Require(Population >= 1, "population", Population, "at least 1");
        Require(Generations >= 1, "generations", Generations, "at least 1");
        Require(
            (long)Population * Generations <= MaxArchitectures, "population times generations", (long)Population * Generations,
            $"at most {MaxArchitectures}");
        Require(MutationProbability is > 0 and <= 1, "mutation probability", MutationProbability, "above 0 and at most 1");
        Require(CrossoverFraction is >= 0 and <= 1, "crossover fraction", CrossoverFraction, "0 to 1");
        Require(TopK >= 1, "top-k", TopK, "at least 1");
        return this;
    }

    private static void Require(bool holds, string option, double value, string expected)
    {
        if (!holds)
            throw new BadOptionException(FormattableString.Invariant($"evolutionary search: {option} is {value}; expected {expected}"));
    }
}

/// <summary>
/// The evolutionary search of SPOS (Guo et al. 2020, "Single Path One-Shot Neural Architecture Search with Uniform Sampling",
/// Algorithm 1, as in the released code): a random first generation; every later one by mutating and crossing the best
/// architectures seen so far, filled up with random ones where too few new children are found.
/// </summary>
/// <param name="options">Its options.</param>
/// <exception cref="BadOptionException">An option is out of its range.</exception>
internal sealed class EvolutionarySearch(EvolutionarySearchOptions options) : ISearchAlgorithm
{
    private readonly EvolutionarySearchOptions _options = options.Validated();

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        for (int generation = 1; generation <= _options.Generations; generation++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<Architecture> population = NextGeneration(problem.Space, visited, admissible, stream);
            if (population.Count == 0) break;
            visited.Add(population);
            progress?.Report(new SearchProgress(generation, _options.Generations, visited.Count, visited.Evaluated, visited.Best));
        }
        return visited.Outcome;
    }

    /// <summary>New architectures that keep the limits; fewer than the population only when no more exist.</summary>
    private List<Architecture> NextGeneration(
        SearchSpace space, VisitedArchitectures visited, AdmissibleArchitectures admissible, RandomStream stream)
    {
        var population = new List<Architecture>(_options.Population);
        Architecture[] parents = [.. visited.BestFirst.Take(_options.TopK).Select(scored => scored.Architecture)];
        if (parents.Length > 0)
        {
            int crossovers = (int)Math.Round(_options.Population * _options.CrossoverFraction);
            admissible.AddNew(
                population, _options.Population - crossovers,
                () => Variation.Mutate(space, Pick(parents, stream), _options.MutationProbability, stream));
            admissible.AddNew(population, crossovers, () => Variation.Cross(Pick(parents, stream), Pick(parents, stream), stream));
        }
        admissible.AddDrawn(population, _options.Population - population.Count);
        return population;
    }

    private static Architecture Pick(Architecture[] parents, RandomStream stream) => parents[stream.NextInt(parents.Length)];
}
