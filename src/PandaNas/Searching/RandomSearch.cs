using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>Visits different architectures drawn uniformly from those that keep the limits: the baseline of every search.</summary>
public sealed class RandomSearch : ISearchAlgorithm
{
    // The accuracies do not steer the search; batches only bound memory and the time between reports of progress.
    private const int BatchSize = 50;

    private readonly RandomSearchOptions _options;

    /// <summary>Makes a search with the given options.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public RandomSearch(RandomSearchOptions options)
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
        int steps = (_options.Architectures + BatchSize - 1) / BatchSize;
        for (int step = 1; step <= steps; step++)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = new List<Architecture>();
            admissible.AddDrawn(batch, Math.Min(BatchSize, _options.Architectures - visited.Count));
            if (batch.Count == 0) break;
            visited.Add(batch);
            progress?.Report(new SearchProgress(step, steps, visited.Count, visited.Evaluated, visited.Best));
        }
        return new SearchResult([.. visited.BestFirst], visited.Evaluated);
    }
}
