using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// The evolutionary search of SPOS (Guo et al. 2020, "Single Path One-Shot Neural Architecture Search with Uniform Sampling",
/// Algorithm 1, as in the released code): a random first generation; every later one by mutating and crossing the best
/// architectures seen so far, filled up with random ones where too few new children are found.
/// </summary>
/// <param name="population">Architectures per generation.</param>
/// <param name="generations">Generations, the random first one included.</param>
/// <param name="mutationProbability">With which a mutation draws a choice anew; the new candidate may be the old one.</param>
/// <param name="crossoverFraction">The share of a generation that comes from crossover; the rest comes from mutation.</param>
/// <param name="topK">How many of the best architectures seen so far are the parents.</param>
/// <exception cref="BadOptionException">All generations together are too many architectures.</exception>
internal sealed class EvolutionarySearch(
    int population, int generations, double mutationProbability, double crossoverFraction, int topK) : ISearchAlgorithm
{
    private readonly int _generations = VisitedArchitectures.RequireFew("evolutionary search", population, generations);

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        for (int generation = 1; generation <= _generations; generation++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<Architecture> next = NextGeneration(problem.Space, visited, admissible, stream);
            if (next.Count == 0) break;
            visited.Add(next);
            progress?.Report(new SearchProgress(generation, _generations, visited.Count, visited.Evaluated, visited.Best));
        }
        return visited.Outcome;
    }

    /// <summary>New architectures that keep the limits; fewer than the population only when no more exist.</summary>
    private List<Architecture> NextGeneration(
        SearchSpace space, VisitedArchitectures visited, AdmissibleArchitectures admissible, RandomStream stream)
    {
        var next = new List<Architecture>(population);
        Architecture[] parents = [.. visited.BestFirst.Take(topK).Select(scored => scored.Architecture)];
        if (parents.Length > 0)
        {
            int crossovers = (int)Math.Round(population * crossoverFraction);
            admissible.AddNew(
                next, population - crossovers, () => Variation.Mutate(space, Pick(parents, stream), mutationProbability, stream));
            admissible.AddNew(next, crossovers, () => Variation.Cross(Pick(parents, stream), Pick(parents, stream), stream));
        }
        admissible.AddDrawn(next, population - next.Count);
        return next;
    }

    private static Architecture Pick(Architecture[] parents, RandomStream stream) => parents[stream.NextInt(parents.Length)];
}
