using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// The evolutionary search of SPOS (Guo et al. 2020, "Single Path One-Shot Neural Architecture Search with Uniform Sampling",
/// Algorithm 1, as in the released code): a random first generation; every later one by mutating and crossing the best
/// architectures seen so far, filled up with random ones where too few new children are found.
/// </summary>
public sealed class EvolutionarySearch : ISearchAlgorithm
{
    private readonly EvolutionarySearchOptions _options;

    /// <summary>Makes a search with the given options.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public EvolutionarySearch(EvolutionarySearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <inheritdoc/>
    public SearchResult Run(SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(stream);
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
        return new SearchResult([.. visited.BestFirst], visited.Evaluated);
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
            admissible.AddNew(population, _options.Population - crossovers, () => Variation.Mutate(space, Pick(parents, stream), _options.MutationProbability, stream));
            admissible.AddNew(population, crossovers, () => Variation.Cross(Pick(parents, stream), Pick(parents, stream), stream));
        }
        admissible.AddDrawn(population, _options.Population - population.Count);
        return population;
    }

    private static Architecture Pick(Architecture[] parents, RandomStream stream) => parents[stream.NextInt(parents.Length)];
}
