using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// The options of <see cref="RegularizedEvolution"/>; the defaults are those of Real et al. 2019 for small-scale searches.
/// </summary>
internal sealed record RegularizedEvolutionOptions
{
    /// <summary>
    /// How many different architectures to visit, the random first population included, in [1, 1,000,000]. Default 1,000.
    /// </summary>
    public int Architectures { get; init; } = 1_000;

    /// <summary>The most architectures of a tournament.</summary>
    public const int MaxSample = 10_000;

    /// <summary>P: architectures that live at a time, in [1, 1,000,000]. Default 100.</summary>
    public int Population { get; init; } = 100;

    /// <summary>S: architectures that are drawn for every tournament, in [1, <see cref="MaxSample"/>]. Default 25.</summary>
    public int Sample { get; init; } = 25;

    /// <summary>The same options, every one in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public RegularizedEvolutionOptions Validated()
    {
        Require(
            Architectures is >= 1 and <= RandomSearchOptions.MaxArchitectures, "architectures", Architectures,
            $"1 to {RandomSearchOptions.MaxArchitectures}");
        Require(
            Population is >= 1 and <= RandomSearchOptions.MaxArchitectures, "population", Population,
            $"1 to {RandomSearchOptions.MaxArchitectures}");
        Require(Sample is >= 1 and <= MaxSample, "sample", Sample, $"1 to {MaxSample}");
        return this;
    }

    private static void Require(bool holds, string option, int value, string expected)
    {
        if (!holds) throw new BadOptionException($"regularized evolution: {option} is {value}; expected {expected}");
    }
}

/// <summary>
/// Regularised (ageing) evolution (Real et al. 2019, Algorithm 1): the best of a random sample of the population is mutated in one
/// choice, the child joins, and the oldest dies however good it is. A child that was visited before would cost no evaluation and tell
/// nothing new, so that another one is bred instead, or a random architecture drawn where that fails.
/// </summary>
/// <param name="options">Its options.</param>
/// <exception cref="BadOptionException">An option is out of its range.</exception>
internal sealed class RegularizedEvolution(RegularizedEvolutionOptions options) : ISearchAlgorithm
{
    private readonly RegularizedEvolutionOptions _options = options.Validated();

    // The accuracies come one by one; reports of progress need not.
    private const int ReportEvery = 50;

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        // Oldest first.
        var population = new List<VisitedArchitecture>();
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
            if (visited.Count / ReportEvery > before / ReportEvery || visited.Count == _options.Architectures)
                progress?.Report(Progress(visited));
        }
        return visited.Outcome;
    }

    private SearchProgress Progress(VisitedArchitectures visited)
    {
        static int Steps(int architectures) => (architectures + ReportEvery - 1) / ReportEvery;
        return new SearchProgress(Steps(visited.Count), Steps(_options.Architectures), visited.Count, visited.Evaluated, visited.Best);
    }

    private Architecture Fittest(List<VisitedArchitecture> population, RandomStream stream)
    {
        VisitedArchitecture best = population[stream.NextInt(population.Count)];
        for (int drawn = 1; drawn < _options.Sample; drawn++)
        {
            VisitedArchitecture other = population[stream.NextInt(population.Count)];
            if (VisitedArchitecture.BestFirst.Compare(other, best) < 0) best = other;
        }
        return best.Architecture;
    }
}
