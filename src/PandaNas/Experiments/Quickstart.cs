using System.Collections.Immutable;
using System.Text.Json;
using PandaNas.Runtime;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;

namespace PandaNas.Experiments;

/// <summary>What the quickstart did, from the first step to a trained model file.</summary>
/// <param name="Supernet">The supernet's training.</param>
/// <param name="Search">What the search found.</param>
/// <param name="Retrained">The best architecture, retrained.</param>
/// <param name="RandomBaseline">Random architectures, retrained for the same budget.</param>
/// <param name="Seconds">Time of everything.</param>
/// <param name="Run">The folder that holds all of it.</param>
public sealed record QuickstartResult(
    SupernetResult Supernet, SearchSummary Search, RetrainingResult Retrained, ImmutableArray<RetrainingResult> RandomBaseline, double Seconds, string Run);

/// <summary>The whole way on the embedded images: train a supernet, search it, retrain the winner beside random architectures.</summary>
public static class Quickstart
{
    private const string Preset = "quickstart";
    private const string ResultName = "quickstart.json";
    private const int RandomArchitectures = 2;

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
        string supernetFolder = Path.Combine(folder, "supernet");
        RequireNone();
        AtomicFile.CreateFolder(folder);
        using var held = FolderLock.Take(folder);
        RequireNone();
        if (resume && RunDirectory.Exists(supernetFolder) && RunDirectory.ReadOptions(supernetFolder, ExperimentOptions.ForSupernet).Seed is var stored && stored != seed)
            throw new BadOptionException($"--seed is {seed}, but '{folder}' was started with {stored}: give that one to continue, or start another quickstart with --out");
        ExperimentOptions options = OptionFile.ApplyPreset(ExperimentOptions.ForSupernet, Preset) with { Seed = seed, Threads = threads };
        SupernetResult supernet = SupernetExperiment.Train(options, supernetFolder, resume, context);

        var evolution = new EvolutionarySearch(new EvolutionarySearchOptions { Population = 50, Generations = 6 });
        SearchSummary search = SearchExperiment.Search(
            supernetFolder, new SearchRequest(evolution, "evolution") { Top = 5, Seed = seed }, run => run with { Threads = threads }, context);

        SearchSpace space = options.Space.Family.Space;
        string winner = search.Best[0].Architecture;
        RetrainingResult retrained = Retrain("winner", winner);
        ImmutableArray<RetrainingResult> baseline =
        [
            .. UniformArchitectures.DrawDistinct(space, RandomArchitectures + 1, RandomStream.Derive(seed, "baseline"))
                .Select(space.Format).Where(text => text != winner).Take(RandomArchitectures)
                .Select((text, i) => Retrain(RandomName(i + 1), text)),
        ];

        var result = new QuickstartResult(supernet, search, retrained, baseline, context.Clock.GetElapsedTime(started).TotalSeconds, folder);
        held.RequireHeld();
        AtomicFile.WriteText(Path.Combine(folder, ResultName), JsonSerializer.Serialize(result, RunJson.Options) + "\n");
        return result;

        // Asked again once the folder is locked, because another process may have been faster.
        void RequireNone()
        {
            string[] stages = ["supernet", "winner", .. Enumerable.Range(1, RandomArchitectures).Select(RandomName)];
            if (!resume && stages.Any(stage => Directory.Exists(Path.Combine(folder, stage))))
                throw new BadOptionException($"'{folder}' holds a quickstart already: continue it with --resume, or choose another place with --out");
            RunDirectory.RequireNone(folder, resume: false);
        }

        RetrainingResult Retrain(string name, string text)
        {
            var retraining = ExperimentOptions.ForRetrainingFrom(options);
            retraining = retraining with { Training = retraining.Training with { BatchSize = 128, Epochs = 12 } };
            return RetrainingExperiment.Retrain(retraining, text, Path.Combine(folder, name), resume, context);
        }
    }

    private static string RandomName(int number) => FormattableString.Invariant($"random-{number}");
}
