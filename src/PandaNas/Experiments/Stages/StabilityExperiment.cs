using System.Collections.Immutable;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Ranking;

namespace PandaNas.Experiments.Stages;

/// <summary>A supernet whose ranking is compared.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Method">Its training method.</param>
/// <param name="Seed">Its seed.</param>
/// <param name="Evaluated">How many architectures were evaluated now.</param>
internal sealed record StabilityRun(string Run, string Method, long Seed, int Evaluated);

/// <summary>How far two of the supernets agree.</summary>
/// <param name="Runs">Their folders.</param>
/// <param name="Agreement">The agreement.</param>
internal sealed record StabilityPair(ImmutableArray<string> Runs, RankAgreement Agreement);

/// <summary>How far supernets rank alike, for example those of several seeds.</summary>
/// <param name="Architectures">How many architectures were ranked.</param>
/// <param name="Runs">The supernets.</param>
/// <param name="Pairs">The agreement of every two.</param>
/// <param name="MeanKendallTau">The mean of tau over the pairs for which it is defined; null when there is none.</param>
/// <param name="Seconds">Time of scoring.</param>
internal sealed record StabilityResult(
    int Architectures, ImmutableArray<StabilityRun> Runs, ImmutableArray<StabilityPair> Pairs, double? MeanKendallTau, double Seconds);

/// <summary>Ranks the same architectures with several supernets, and measures how far they agree.</summary>
internal static class StabilityExperiment
{
    /// <summary>Scores with every run, one after the other, and compares. Writes nothing but scores, which are reused.</summary>
    /// <param name="folders">The runs of two or more trained supernets of one space and data set.</param>
    /// <param name="options">What is ranked.</param>
    /// <param name="adjust">Changes run options that do not affect results: data path, threads, device.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="BadOptionException">There are fewer than two runs, or one is named twice.</exception>
    /// <exception cref="BadDataException">The runs differ in space or data set, or one cannot be used.</exception>
    /// <exception cref="OperationCanceledException">Stopped when asked; scores so far are kept and reused.</exception>
    public static StabilityResult Measure(
        IReadOnlyList<string> folders, RankOptions options, Func<SupernetOptions, SupernetOptions> adjust, RunContext context)
    {
        options = options.Settle();
        // Supernets are compared by their accuracies, unless something else is asked for.
        options = options with { Ranker = options.Formula.ToString() };
        CheckRuns(folders, context);
        long started = context.Clock.GetTimestamp();
        var runs = new List<StabilityRun>();
        var predictions = new List<double[]>();
        foreach (string folder in folders)
        {
            using SupernetEvaluation supernet = SupernetEvaluation.Open(
                folder, options.Images, options.Seed, adjust, context, needsWeights: options.Formula.NeedsSupernet);
            var selection = RankingSelection.Choose(options, supernet.Family.Space, supernet.DataSet);
            var ranker = ArchitectureRanker.Make(
                supernet, options.Formula, options.Reference, options.InitialNetworks, supernet.Images, context);
            predictions.Add([.. SuccessiveScreening.Score(
                selection, ScreeningPlan.None, supernet.Images,
                (_, architectures, scored) => ranker.Of(architectures, context.Stop, scored), options.Seed, context).Scores]);
            runs.Add(new StabilityRun(supernet.Run.Path, supernet.Options.Method, supernet.Options.Seed, supernet.Evaluated));
        }
        ImmutableArray<StabilityPair> pairs =
        [
            .. from one in Enumerable.Range(0, folders.Count)
               from other in Enumerable.Range(one + 1, folders.Count - one - 1)
               select new StabilityPair(
                   [runs[one].Run, runs[other].Run], RankAgreement.Compute(predictions[one], predictions[other], options.Seed)),
        ];
        return new StabilityResult(
            predictions[0].Length, [.. runs], pairs, pairs.Average(pair =>
                pair.Agreement.KendallTau), context.Clock.GetElapsedTime(started).TotalSeconds);
    }

    // Before the first evaluation, because it is long.
    private static void CheckRuns(IReadOnlyList<string> folders, RunContext context)
    {
        if (folders.Count < 2)
            throw new BadOptionException($"found {folders.Count} run: name at least two whose rankings shall be compared");
        foreach (string folder in folders) RunDirectory.RequireRun(folder);
        string? twice = folders.GroupBy(Path.GetFullPath).FirstOrDefault(group => group.Count() > 1)?.First();
        if (twice is not null) throw new BadOptionException($"'{twice}' is named twice: name every run once");
        (NamedSpace Space, string DataSet) first = Subject(folders[0], context);
        foreach (string folder in folders.Skip(1))
        {
            (NamedSpace Space, string DataSet) subject = Subject(folder, context);
            if (subject.Space.Identity == first.Space.Identity && subject.DataSet == first.DataSet) continue;
            string other = subject.Space.Family.Space.Name == first.Space.Family.Space.Name && subject.DataSet == first.DataSet
                ? ", but defined otherwise"
                : "";
            throw new BadDataException(
                $"'{folder}' is of {Name(subject)}{other}, '{folders[0]}' of {Name(first)}: name runs of one space and data set");
        }
    }

    private static (NamedSpace Space, string DataSet) Subject(string folder, RunContext context)
    {
        using RunDirectory run = SupernetEvaluation.OpenTrained(folder);
        return (RunDirectory.ReadOptions<SupernetOptions>(folder, context.Catalog).FoundSpace, run.ReadFact("data_set"));
    }

    private static string Name((NamedSpace Space, string DataSet) subject) => $"{subject.Space.Family.Space.Name} on '{subject.DataSet}'";
}
