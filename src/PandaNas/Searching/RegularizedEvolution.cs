using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>
/// Regularised (ageing) evolution (Real et al. 2019, Algorithm 1): the best of a random sample of the population is mutated in one
/// choice, the child joins, and the oldest dies however good it is. A child that was visited before would cost no evaluation and tell
/// nothing new, so that another one is bred instead, or a random architecture drawn where that fails.
/// </summary>
/// <param name="architectures">How many different ones to visit, the random first population included.</param>
/// <param name="population">P: architectures that live at a time.</param>
/// <param name="sample">S: architectures that are drawn for every tournament.</param>
internal sealed class RegularizedEvolution(int architectures, int population, int sample) : ISearchAlgorithm
{
    // The accuracies come one by one; reports of progress need not.
    private const int ReportEvery = 50;

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        // Oldest first.
        var living = new List<VisitedArchitecture>();
        while (visited.Count < architectures)
        {
            cancellation.ThrowIfCancellationRequested();
            var born = new List<Architecture>();
            if (living.Count == 0) admissible.AddDrawn(born, Math.Min(population, architectures));
            else
            {
                admissible.AddNew(born, 1, () => UniformArchitectures.DrawNeighbour(problem.Space, Fittest(living, stream), stream));
                admissible.AddDrawn(born, 1 - born.Count);
            }
            if (born.Count == 0) break;
            int before = visited.Count;
            visited.Add(born);
            living.AddRange(born.Select(child => visited[child]));
            living.RemoveRange(0, Math.Max(0, living.Count - population));
            if (visited.Count / ReportEvery > before / ReportEvery || visited.Count == architectures)
                progress?.Report(Progress(visited));
        }
        return visited.Outcome;
    }

    private SearchProgress Progress(VisitedArchitectures visited)
    {
        static int Steps(int visited) => (visited + ReportEvery - 1) / ReportEvery;
        return new SearchProgress(Steps(visited.Count), Steps(architectures), visited.Count, visited.Evaluated, visited.Best);
    }

    private Architecture Fittest(List<VisitedArchitecture> living, RandomStream stream)
    {
        VisitedArchitecture best = living[stream.NextInt(living.Count)];
        for (int drawn = 1; drawn < sample; drawn++)
        {
            VisitedArchitecture other = living[stream.NextInt(living.Count)];
            if (VisitedArchitecture.BestFirst.Compare(other, best) < 0) best = other;
        }
        return best.Architecture;
    }
}
