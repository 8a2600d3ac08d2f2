using System.Collections.Immutable;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// NSGA-II (Deb et al. 2002): a population that moves towards the Pareto front of accuracy and costs. Parents win binary tournaments by
/// front, then by crowding distance; parents and children together are sorted the same way, and the first half lives on. Limits are
/// kept by every child, so that there is no need of constrained dominance; no architecture is visited twice.
/// </summary>
/// <param name="objectives">What is weighed: accuracy and at least one cost.</param>
/// <param name="population">Architectures per generation, in [2, <see cref="LargestPopulation"/>].</param>
/// <param name="generations">Generations, the random first one included.</param>
/// <param name="mutationProbability">With which a mutation draws a choice anew.</param>
/// <param name="crossoverProbability">That a child has two parents before it is mutated.</param>
/// <exception cref="BadOptionException">Objectives or population are impossible, or all generations together too many.</exception>
internal sealed class Nsga2Search(
    ImmutableArray<SearchObjective> objectives, int population, int generations, double mutationProbability, double crossoverProbability)
    : ISearchAlgorithm
{
    /// <summary>The most architectures of a generation: every two of them and of their parents are compared.</summary>
    public const int LargestPopulation = 5_000;

    private readonly ImmutableArray<SearchObjective> _objectives = SearchObjectives.Checked(objectives);
    private readonly int _population = population is >= 2 and <= LargestPopulation
        ? population
        : throw new BadOptionException($"nsga2: population is {population}; expected 2 to {LargestPopulation}");
    private readonly int _generations = VisitedArchitectures.RequireFew("nsga2", population, generations);

    /// <summary>Whether the latencies of architectures must be known.</summary>
    public bool NeedsLatency => _objectives.Contains(SearchObjective.Latency);

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        // In the order of selection: earlier ones win tournaments.
        List<VisitedArchitecture> parents = [];
        for (int generation = 1; generation <= _generations; generation++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<Architecture> children = Children(problem.Space, parents, admissible, stream);
            if (children.Count == 0) break;
            visited.Add(children);
            parents = Select([.. parents, .. children.Select(child => visited[child])]);
            progress?.Report(new SearchProgress(generation, _generations, visited.Count, visited.Evaluated, visited.Best));
        }
        return visited.Outcome with { ParetoFront = [.. Front([.. visited.BestFirst])] };
    }

    private List<Architecture> Children(
        SearchSpace space, List<VisitedArchitecture> parents, AdmissibleArchitectures admissible, RandomStream stream)
    {
        var children = new List<Architecture>(_population);
        if (parents.Count > 0)
            admissible.AddNew(children, _population, () =>
            {
                Architecture child = Winner(parents, stream);
                if (stream.NextBool(crossoverProbability)) child = Variation.Cross(child, Winner(parents, stream), stream);
                return Variation.Mutate(space, child, mutationProbability, stream);
            });
        admissible.AddDrawn(children, _population - children.Count);
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
            if (selected.Count >= _population) break;
            double[] crowding = ParetoOrder.CrowdingDistances(points, front);
            IEnumerable<int> spread = Enumerable.Range(0, front.Count).OrderByDescending(place => crowding[place]);
            selected.AddRange(spread.Take(_population - selected.Count).Select(place => candidates[front[place]]));
        }
        return selected;
    }

    private IEnumerable<VisitedArchitecture> Front(List<VisitedArchitecture> bestFirst) =>
        ParetoOrder.Front(Points(bestFirst)).Select(place => bestFirst[place]);

    private double[][] Points(List<VisitedArchitecture> scored) =>
        [.. scored.Select(one => SearchObjectives.PointOf(_objectives, one))];
}
