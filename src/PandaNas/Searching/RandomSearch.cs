using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Searching;

/// <summary>The options of <see cref="RandomSearch"/>.</summary>
internal sealed record RandomSearchOptions
{
    /// <summary>The most architectures a search may visit.</summary>
    public const int MaxArchitectures = 1_000_000;

    /// <summary>
    /// How many different architectures to visit, in [1, 1,000,000]; fewer where fewer keep the limits. The default is as many as
    /// <see cref="EvolutionarySearch"/> visits with its defaults.
    /// </summary>
    public int Architectures { get; init; } = 1_000;

    /// <summary>The same options, every one in its range.</summary>
    /// <exception cref="BadOptionException">An option is out of its range.</exception>
    public RandomSearchOptions Validated()
    {
        if (Architectures is < 1 or > MaxArchitectures)
            throw new BadOptionException($"random search: architectures is {Architectures}; expected 1 to {MaxArchitectures}");
        return this;
    }
}

/// <summary>Visits different architectures drawn uniformly from those that keep the limits: the baseline of every search.</summary>
/// <param name="options">Its options.</param>
/// <exception cref="BadOptionException">An option is out of its range.</exception>
internal sealed class RandomSearch(RandomSearchOptions options) : ISearchAlgorithm
{
    private readonly RandomSearchOptions _options = options.Validated();

    // The accuracies do not steer the search; batches only bound memory and the time between reports of progress.
    private const int BatchSize = 50;

    /// <inheritdoc/>
    public SearchOutcome Run(
        SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
    {
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
        return visited.Outcome;
    }
}
