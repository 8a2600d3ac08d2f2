using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// Regularised (ageing) evolution (Real et al. 2019, Algorithm 1): the best of a random sample of the population is mutated in one
/// choice, the child joins, and the oldest dies however good it is. A child that was visited before would cost no evaluation and tell
/// nothing new, so that another one is bred instead, or a random architecture drawn where that fails.
/// </summary>
public sealed class RegularizedEvolution : ISearchAlgorithm
{
    // The accuracies come one by one; reports of progress need not.
    private const int ReportEvery = 50;

    private readonly RegularizedEvolutionOptions _options;

    /// <summary>Makes a search with the given options.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public RegularizedEvolution(RegularizedEvolutionOptions options)
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
        // Oldest first.
        var population = new List<ScoredArchitecture>();
        while (visited.Count < _options.Architectures)
        {
            cancellation.ThrowIfCancellationRequested();
            var born = new List<Architecture>();
            if (population.Count == 0) admissible.AddDrawn(born, Math.Min(_options.Population, _options.Architectures));
            else
            {
                admissible.AddNew(born, 1, () => UniformArchitectures.DrawNeighbour(problem.Space, Fittest(population, stream), stream));
                admissible.AddDrawn(born, 1 - born.Count);
            }
            if (born.Count == 0) break;
            int before = visited.Count;
            visited.Add(born);
            population.AddRange(born.Select(child => visited[child]));
            population.RemoveRange(0, Math.Max(0, population.Count - _options.Population));
            if (visited.Count / ReportEvery > before / ReportEvery || visited.Count == _options.Architectures) progress?.Report(Progress(visited));
        }
        return new SearchResult([.. visited.BestFirst], visited.Evaluated);
    }

    private SearchProgress Progress(VisitedArchitectures visited)
    {
        static int Steps(int architectures) => (architectures + ReportEvery - 1) / ReportEvery;
        return new SearchProgress(Steps(visited.Count), Steps(_options.Architectures), visited.Count, visited.Evaluated, visited.Best);
    }

    private Architecture Fittest(List<ScoredArchitecture> population, RandomStream stream)
    {
        ScoredArchitecture best = population[stream.NextInt(population.Count)];
        for (int drawn = 1; drawn < _options.Sample; drawn++)
        {
            ScoredArchitecture other = population[stream.NextInt(population.Count)];
            if (ScoredArchitecture.BestFirst.Compare(other, best) < 0) best = other;
        }
        return best.Architecture;
    }
}
