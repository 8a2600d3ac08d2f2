using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>Visits different architectures drawn uniformly from those that keep the limits: the baseline of every search.</summary>
/// <param name="architectures">How many to visit; fewer where fewer keep the limits.</param>
internal sealed class RandomSearch(int architectures) : ISearchAlgorithm
{
    // The accuracies do not steer the search; batches only bound memory and the time between reports of progress.
    private const int BatchSize = 50;

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
        var admissible = new AdmissibleArchitectures(problem, stream, cancellation);
        var visited = new VisitedArchitectures(problem);
        int steps = (architectures + BatchSize - 1) / BatchSize;
        for (int step = 1; step <= steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = new List<Architecture>();
            admissible.AddDrawn(batch, Math.Min(BatchSize, architectures - visited.Count));
            if (batch.Count == 0) break;
            visited.Add(batch);
            progress?.Report(new SearchProgress(step, steps, visited.Count, visited.Evaluated, visited.Best));
        }
        return visited.Outcome;
    }
}
