using PandaNas.Sampling;

namespace PandaNas.Searching;

/// <summary>A way to look for accurate architectures under limits.</summary>
public interface ISearchAlgorithm
{
    /// <summary>Searches. No architecture, and no two that compute the same, are evaluated twice.</summary>
    /// <param name="problem">What is searched.</param>
    /// <param name="stream">Where the random numbers come from: the same stream state and accuracies give the same result.</param>
    /// <param name="progress">Told after every step; null for nobody.</param>
    /// <param name="cancellation">Looked at before every step.</param>
    /// <exception cref="BadOptionException">An option or limit is out of its range, or no architecture keeps the limits.</exception>
    /// <exception cref="OperationCanceledException">The search was cancelled.</exception>
    /// <exception cref="InvalidOperationException">The evaluation gave too few values or one outside [0, 1].</exception>
    SearchResult Run(SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation);
}
