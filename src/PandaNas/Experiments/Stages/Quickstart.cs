using System.Collections.Immutable;
using System.Text.Json;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Runtime.Files;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Stages;

/// <summary>What the quickstart did, from the first step to a trained model file.</summary>
/// <param name="Supernet">The supernet's training.</param>
/// <param name="Search">What the search found.</param>
/// <param name="Retrained">The best architecture, retrained.</param>
/// <param name="RandomBaseline">Random architectures of equal cost, retrained the same way.</param>
/// <param name="AgainstRandom">The test accuracy of the best one against theirs, as shares.</param>
/// <param name="Seconds">Time of everything.</param>
/// <param name="Run">The folder that holds all of it.</param>
internal sealed record QuickstartResult(
    SupernetResult Supernet, SearchResult Search, RetrainingResult Retrained, ImmutableArray<RetrainingResult> RandomBaseline,
    OneAgainstSample AgainstRandom,
    double Seconds, string Run);

/// <summary>
/// The whole way on the embedded images: train a supernet, search it, retrain the winner beside random architectures that have as many
/// parameters, since larger ones are better without any search.
/// </summary>
internal static class Quickstart
{
    /// <summary>
    /// The most parameters of an architecture: few enough that many others are as large as the winner, and that all train fast.
    /// </summary>
    public const long MaxParameters = 45_000;

    /// <summary>How many random architectures the winner is compared with.</summary>
    public const int RandomArchitectures = 5;

    /// <summary>The supernet's run, in the folder of all.</summary>
    public const string SupernetFolder = "supernet";

    private const string Preset = "quickstart";
    private const string ResultName = "quickstart.json";
    private const int RetrainingEpochs = 8;

    /// <summary>Runs every stage, or continues where an interrupted one stopped.</summary>
    /// <param name="folder">Holds the runs of all stages.</param>
    /// <param name="seed">Decides every random number; a continued quickstart has the seed it was started with.</param>
    /// <param name="threads">Threads of torch; 0 is one a processor.</param>
    /// <param name="resume">Whether to continue what is in the folder.</param>
    /// <param name="context">Progress, clock and the wish to stop.</param>
    /// <exception cref="OperationCanceledException">Stopped when asked; what is done is kept.</exception>
    public static QuickstartResult Run(string folder, long seed, int threads, bool resume, RunContext context)
    {
        long started = context.Clock.GetTimestamp();
        string supernetFolder = Path.Combine(folder, SupernetFolder);
        RequireNone();
        AtomicFile.CreateFolder(folder);
        using var held = FolderLock.Take(folder);
        RequireNone();
        if (resume && RunDirectory.Exists(supernetFolder)
            && RunDirectory.ReadOptions(supernetFolder, context.Catalog).Seed is var stored && stored != seed)
            throw new BadOptionException(
                "seed",
                $"{Mention.Option("seed")} is {seed}, but '{folder}' was started with {stored}: "
                + $"give that one to continue, or start another quickstart with {Mention.Option("out", "another folder")}");
        SupernetOptions options =
            new SupernetOptions { Catalog = context.Catalog, Preset = Preset, Seed = seed, Threads = threads }.Settle();
        using Supernet trained = Supernet.Train(options, supernetFolder, resume, context);
        SupernetResult supernet = trained.Training;
        SearchResult search = trained.Search(
            new SearchOptions { Population = 50, Generations = 6, MaxParameters = MaxParameters, Top = 5, Seed = seed }, context);

        SpaceFamily family = options.Family;
        Architecture winner = family.Space.Parse(search.Best.Architecture);
        NetworkOptions sizes = RequestedNetwork.Of(
            options, standalone: true, supernet.Setup.Channels, supernet.Setup.ImageSize, supernet.Setup.Classes);
        IReadOnlyList<Architecture> random = EqualCost.Draw(
            family.Space, winner, architecture => family.LiveCost(sizes, architecture).Parameters, RandomArchitectures,
            RandomStream.Derive(seed, "baseline"));
        RetrainingResult retrained = Retrain("winner", "retrain what the search found", winner);
        ImmutableArray<RetrainingResult> baseline =
            [.. random.Select((one, i) => Retrain(RandomName(i + 1), $"retrain random {i + 1} of {random.Count}", one))];

        var result = new QuickstartResult(
            supernet, search, retrained, baseline, OneAgainstSample.Of(
                retrained.TestAccuracy, [.. baseline.Select(one => one.TestAccuracy)]),
            context.Clock.GetElapsedTime(started).TotalSeconds, Path.GetFullPath(folder));
        held.RequireHeld();
        AtomicFile.WriteText(Path.Combine(folder, ResultName), JsonSerializer.Serialize(result, RunJson.Options) + "\n");
        return result;

        // Asked again once the folder is locked, because another process may have been faster.
        void RequireNone()
        {
            string[] stages = [SupernetFolder, "winner", .. Enumerable.Range(1, RandomArchitectures).Select(RandomName)];
            if (!resume && stages.Any(stage => Directory.Exists(Path.Combine(folder, stage))))
                throw new BadOptionException(
                    $"'{folder}' holds a quickstart already: continue it with {Mention.Option("resume", "resume")}, "
                    + $"or choose another place with {Mention.Option("out", "the folder")}");
            RunDirectory.RequireNone(folder, resume: false);
        }

        RetrainingResult Retrain(string name, string stage, Architecture architecture)
        {
            var retraining =
                new RetrainOptions { BatchSize = 128, LeastSteps = TrainingRunOptions.UsualLeastSteps, Epochs = RetrainingEpochs };
            return RetrainingExperiment.Retrain(
                retraining.From(options), family.Space.Format(architecture), Path.Combine(folder, name), resume,
                context.WithoutNotes.Renaming(RetrainingExperiment.Stage, stage));
        }
    }

    private static string RandomName(int number) => FormattableString.Invariant($"random-{number}");
}
