using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// NSGA-II (Deb et al. 2002): a population that moves towards the Pareto front of accuracy and costs. Parents win binary tournaments by
/// front, then by crowding distance; parents and children together are sorted the same way, and the first half lives on. Limits are
/// kept by every child, so that there is no need of constrained dominance; no architecture is visited twice.
/// </summary>
public sealed class Nsga2Search : ISearchAlgorithm
{
    private readonly Nsga2SearchOptions _options;

    /// <summary>Makes a search with the given options.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public Nsga2Search(Nsga2SearchOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
    }

    /// <summary>Whether the latencies of architectures must be known.</summary>
    public bool NeedsLatency => _options.Objectives.Contains(SearchObjective.Latency);

    /// <inheritdoc/>
    public SearchResult Run(SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(problem);
        ArgumentNullException.ThrowIfNull(stream);
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        // In the order of selection: earlier ones win tournaments.
        List<ScoredArchitecture> population = [];
        for (int generation = 1; generation <= _options.Generations; generation++)
        {
            cancellation.ThrowIfCancellationRequested();
            List<Architecture> children = Children(problem.Space, population, admissible, stream);
            if (children.Count == 0) break;
            visited.Add(children);
            population = Select([.. population, .. children.Select(child => visited[child])]);
            progress?.Report(new SearchProgress(generation, _options.Generations, visited.Count, visited.Evaluated, visited.Best));
        }
        return new SearchResult([.. visited.BestFirst], visited.Evaluated) { Front = [.. Front([.. visited.BestFirst])] };
    }

    private List<Architecture> Children(SearchSpace space, List<ScoredArchitecture> parents, AdmissibleArchitectures admissible, RandomStream stream)
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

    private static Architecture Winner(List<ScoredArchitecture> parents, RandomStream stream) =>
        parents[Math.Min(stream.NextInt(parents.Count), stream.NextInt(parents.Count))].Architecture;

    private List<ScoredArchitecture> Select(List<ScoredArchitecture> candidates)
    {
        double[][] points = Points(candidates);
        var selected = new List<ScoredArchitecture>();
        foreach (List<int> front in ParetoOrder.Fronts(points))
        {
            if (selected.Count >= _options.Population) break;
            double[] crowding = ParetoOrder.CrowdingDistances(points, front);
            IEnumerable<int> spread = Enumerable.Range(0, front.Count).OrderByDescending(place => crowding[place]);
            selected.AddRange(spread.Take(_options.Population - selected.Count).Select(place => candidates[front[place]]));
        }
        return selected;
    }

    private IEnumerable<ScoredArchitecture> Front(List<ScoredArchitecture> bestFirst) =>
        ParetoOrder.Front(Points(bestFirst)).Select(place => bestFirst[place]);

    private double[][] Points(List<ScoredArchitecture> scored) => [.. scored.Select(one => SearchObjectives.PointOf(_options.Objectives, one))];
}
