using PandaNas.Searching;

namespace PandaNas.Experiments.Options;

/// <summary>A way to search a supernet, as options name it.</summary>
/// <param name="Name">The name that options use.</param>
/// <param name="Make">Makes it from the options; refuses those that do not fit each other.</param>
/// <example><code>Catalog.Default.With(new SearchAlgorithm("greedy", options => new GreedySearch(options.Evaluations)))</code></example>
public sealed record SearchAlgorithm(string Name, Func<SearchOptions, ISearchAlgorithm> Make);
