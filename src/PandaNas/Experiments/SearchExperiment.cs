using System.Collections.Immutable;
using System.Text.Json;
using PandaNas.Runtime;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;

namespace PandaNas.Experiments;

/// <summary>An architecture that a search found.</summary>
/// <param name="Architecture">In the space's notation.</param>
/// <param name="Accuracy">With the supernet's weights on the ranking images, in [0, 1].</param>
/// <param name="Params">Parameters of the plain network.</param>
/// <param name="Macs">Multiply-adds for one image.</param>
public sealed record FoundArchitecture(string Architecture, double Accuracy, long Params, long Macs);

/// <summary>What a search found.</summary>
/// <param name="Best">The best architectures, best first.</param>
/// <param name="Evaluated">How many different architectures were scored.</param>
/// <param name="Algorithm">evolution or random.</param>
/// <param name="Images">How many images scored them.</param>
/// <param name="RankingPart">Which images: validation or test.</param>
/// <param name="Seconds">Time of the search.</param>
/// <param name="Run">The run's folder.</param>
public sealed record SearchSummary(
    ImmutableArray<FoundArchitecture> Best, int Evaluated, string Algorithm, int Images, string RankingPart, double Seconds, string Run);

/// <summary>Searches a supernet for good architectures under limits.</summary>
public static class SearchExperiment
{
    /// <summary>The file of the result, in the run's folder.</summary>
    public const string ResultName = "search.json";

    /// <summary>Searches; the result lands in the run's <c>search.json</c>.</summary>
    /// <param name="folder">The run of a trained supernet.</param>
    /// <param name="algorithm">How to search.</param>
    /// <param name="name">The algorithm's name for the result.</param>
    /// <param name="limits">What the architectures may cost.</param>
    /// <param name="images">How many ranking images to use; 0 is all.</param>
    /// <param name="top">How many architectures to report.</param>
    /// <param name="seed">Decides the search's random numbers.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept, and the same search finds them again.</exception>
    public static SearchSummary Search(
        string folder, ISearchAlgorithm algorithm, string name, CostLimits limits, int images, int top, long seed,
        Func<ExperimentOptions, ExperimentOptions> adjust, RunContext context)
    {
        ArgumentNullException.ThrowIfNull(algorithm);
        ArgumentNullException.ThrowIfNull(limits);
        limits.Validate();
        if (top < 1) throw new BadOptionException($"top is {top}: expected at least 1 architecture to report");
        using SupernetEvaluation supernet = SupernetEvaluation.Open(folder, images, seed, adjust, context);
        long started = context.Clock.GetTimestamp();
        var problem = new SearchProblem(
            supernet.Family.Space,
            batch => Score(supernet, batch, context),
            architecture => supernet.Family.Cost(supernet.NetworkOptions, architecture),
            limits);
        SearchResult result = algorithm.Run(problem, RandomStream.Derive(seed, "search"), new SearchReport(context), context.Stop);

        var summary = new SearchSummary(
            [.. result.Best.Take(top).Select(scored => new FoundArchitecture(scored.Text, scored.Accuracy, scored.Cost.Parameters, scored.Cost.MultiplyAdds))],
            result.Evaluated, name, supernet.Images, supernet.RankingPart, context.Clock.GetElapsedTime(started).TotalSeconds, folder);
        AtomicFile.WriteText(supernet.Run.File(ResultName), JsonSerializer.Serialize(summary, RunJson.Options) + "\n");
        return summary;
    }

    /// <summary>The best architecture of the last search in a run.</summary>
    /// <exception cref="BadDataException">There was none, or its file is damaged.</exception>
    public static string BestOf(string folder)
    {
        string path = Path.Combine(folder, ResultName);
        try
        {
            SearchSummary? summary = JsonSerializer.Deserialize<SearchSummary>(File.ReadAllText(path), RunJson.Options);
            return summary is { Best: { IsDefaultOrEmpty: false } best } ? best[0].Architecture : throw new JsonException("it names no architecture");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new BadDataException($"cannot take the best architecture from '{path}': {error.Message.TrimEnd('.')}. Run 'panda search {folder}' first.", error);
        }
    }

    private static double[] Score(SupernetEvaluation supernet, IReadOnlyList<Architecture> batch, RunContext context)
    {
        var accuracies = new double[batch.Count];
        for (int i = 0; i < accuracies.Length; i++)
        {
            context.Stop.ThrowIfCancellationRequested();
            accuracies[i] = supernet.Accuracy(batch[i]);
        }
        return accuracies;
    }

    private sealed class SearchReport(RunContext context) : IProgress<SearchProgress>
    {
        public void Report(SearchProgress value) => context.Report(
            "search", (double)value.Step / value.Steps, FormattableString.Invariant($"{value.Evaluated} evaluated, best {value.Best.Accuracy:P1}"));
    }
}
