using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>The options of <see cref="Nsga2Search"/>.</summary>
internal sealed record Nsga2SearchOptions
{
    /// <summary>What is weighed: accuracy and at least one cost. Default accuracy and parameters.</summary>
    public ImmutableArray<SearchObjective> Objectives { get; init; } = [SearchObjective.Accuracy, SearchObjective.Params];

    /// <summary>The most architectures of a generation: every two of them and of their parents are compared.</summary>
    public const int MaxPopulation = 5_000;

    /// <summary>Architectures per generation, in [2, <see cref="MaxPopulation"/>]. Default 50.</summary>
    public int Population { get; init; } = 50;

    /// <summary>Generations, the random first one included, at least 1. Default 20.</summary>
    public int Generations { get; init; } = 20;

    /// <summary>The probability with which a mutation draws a choice anew, in (0, 1]. Default 0.1.</summary>
    public double MutationProbability { get; init; } = 0.1;

    /// <summary>The probability that a child has two parents before it is mutated, in [0, 1]. Default 0.9, as of Deb et al.</summary>
    public double CrossoverProbability { get; init; } = 0.9;

    /// <summary>The same options, every one in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public Nsga2SearchOptions Validated()
    {
        SearchObjectives.Check(Objectives);
        Require(Population is >= 2 and <= MaxPopulation, "population", Population, $"2 to {MaxPopulation}");
        Require(Generations >= 1, "generations", Generations, "at least 1");
        long architectures = (long)Population * Generations;
        Require(
            architectures <= RandomSearchOptions.MaxArchitectures, "population times generations", architectures,
            $"at most {RandomSearchOptions.MaxArchitectures}");
        Require(MutationProbability is > 0 and <= 1, "mutation probability", MutationProbability, "above 0 and at most 1");
        Require(CrossoverProbability is >= 0 and <= 1, "crossover probability", CrossoverProbability, "0 to 1");
        return this;
    }

    private static void Require(bool holds, string option, double value, string expected)
    {
        if (!holds) throw new BadOptionException(FormattableString.Invariant($"nsga2: {option} is {value}; expected {expected}"));
    }
}

/// <summary>
/// NSGA-II (Deb et al. 2002): a population that moves towards the Pareto front of accuracy and costs. Parents win binary tournaments by
/// front, then by crowding distance; parents and children together are sorted the same way, and the first half lives on. Limits are
/// kept by every child, so that there is no need of constrained dominance; no architecture is visited twice.
/// </summary>
/// <param name="options">Its options.</param>
/// <exception cref="BadOptionException">An option is out of its range.</exception>
internal sealed class Nsga2Search(Nsga2SearchOptions options) : ISearchAlgorithm
{
    private readonly Nsga2SearchOptions _options = options.Validated();

    /// <summary>Whether the latencies of architectures must be known.</summary>
    public bool NeedsLatency => _options.Objectives.Contains(SearchObjective.Latency);

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        // In the order of selection: earlier ones win tournaments.
        List<VisitedArchitecture> population = [];
        for (int generation = 1; generation <= _options.Generations; generation++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<Architecture> children = Children(problem.Space, population, admissible, stream);
            if (children.Count == 0) break;
            visited.Add(children);
            population = Select([.. population, .. children.Select(child => visited[child])]);
            progress?.Report(new SearchProgress(generation, _options.Generations, visited.Count, visited.Evaluated, visited.Best));
        }
        return visited.Outcome with { ParetoFront = [.. Front([.. visited.BestFirst])] };
    }

    private List<Architecture> Children(
        SearchSpace space, List<VisitedArchitecture> parents, AdmissibleArchitectures admissible, RandomStream stream)
    {
        var children = new List<Architecture>(_options.Population);
        if (parents.Count > 0)
            admissible.AddNew(children, _options.Population, () =>
            {
                Architecture child = Winner(parents, stream);
                if (stream.NextBool(_options.CrossoverProbability)) child = Variation.Cross(child, Winner(parents, stream), stream);
                return Variation.Mutate(space, child, _options.MutationProbability, stream);
            });
        admissible.AddDrawn(children, _options.Population - children.Count);
        return children;
    }

    private static Architecture Winner(List<VisitedArchitecture> parents, RandomStream stream) =>
        parents[Math.Min(stream.NextInt(parents.Count), stream.NextInt(parents.Count))].Architecture;

    private List<VisitedArchitecture> Select(List<VisitedArchitecture> candidates)
    {
        double[][] points = Points(candidates);
        var selected = new List<VisitedArchitecture>();
        foreach (List<int> front in ParetoOrder.Fronts(points))
        {
            if (selected.Count >= _options.Population) break;
            double[] crowding = ParetoOrder.CrowdingDistances(points, front);
            IEnumerable<int> spread = Enumerable.Range(0, front.Count).OrderByDescending(place => crowding[place]);
            selected.AddRange(spread.Take(_options.Population - selected.Count).Select(place => candidates[front[place]]));
        }
        return selected;
    }

    private IEnumerable<VisitedArchitecture> Front(List<VisitedArchitecture> bestFirst) =>
        ParetoOrder.Front(Points(bestFirst)).Select(place => bestFirst[place]);

    private double[][] Points(List<VisitedArchitecture> scored) =>
        [.. scored.Select(one => SearchObjectives.PointOf(_options.Objectives, one))];
}
