using System.CommandLine;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda compare</c>: trains and ranks several methods with several seeds, in one table.</summary>
internal static class CompareVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "compare",
            "Compare training methods: train each with every seed, rank with each supernet, put all in one table.",
            """
            Every run is an ordinary run in the comparison's folder, and the table lies there as comparison.txt, .csv, .md and .json,
            also while it is unfinished. Interrupted or killed, the same command with --out FOLDER --resume goes on where it was.
            With --share, several processes that run the same command divide the runs: on one machine, or as an array of jobs whose
            machines share the folder. One that finds nothing left to do ends; the last one writes the table of all runs.
            --equal epochs: every method trains --epochs.
            --equal passes: the method with the fewest passes a step trains --epochs; one that takes k times as many trains --epochs / k.
            --equal seconds: the first method trains --epochs; for the others the second of two epochs, trained beforehand, says how
            many take as long. Passes and seconds in the table are those that were spent.
            """,
            "panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,panda --truth nasbench201.csv "
            + "--images 1000 --out runs/comparison",
            "panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,fairnas,sumnas,panda --seeds 0,1,2,3,4 "
            + "--equal passes --truth nasbench201.csv",
            "panda compare --out runs/comparison --resume",
            "panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,panda --out runs/comparison --share")
        {
            RunsOnRanks = true,
        };
        OptionFlags<ComparisonOptions> methods = OptionFlags<ComparisonOptions>.Add(command);
        OptionFlags<RankOptions> ranking = OptionFlags<RankOptions>.AddWithSeed(command, "--ranking-seed", "screen");
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.Add(command, "method", "seed", "tensorboard");
        RunFolderFlags folderFlags = RunFolderFlags.Add(command);
        var share = new Option<bool>("--share")
        {
            Description = "divide the runs with other processes that run the same command on --out at any time; implies --resume",
        };
        command.Add(share);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            bool shared = parsed.GetValue(share);
            if (shared && context.Job is not null)
                throw new BadOptionException(
                    $"{share.Name} is for processes that know nothing of each other, and those of mpirun or srun divide the work by "
                    + "themselves: leave it out, or start single processes");
            SupernetOptions training = flags.Apply(parsed, context.ForSupernet);
            if (context.IsWorker) return context.Serve(work => ComparisonExperiment.Serve(training.OverStored, work));
            (string folder, bool resume) = folderFlags.Resolve(parsed, "comparison", shared ? share.Name : null);
            var comparison = new ComparisonOptions();
            if (resume && RunDirectory.Exists(folder))
            {
                (comparison, SupernetOptions stored) = ComparisonExperiment.ReadOptions(folder, context.Catalog);
                training = training.OverStored(stored);
            }
            comparison = methods.Apply(parsed, comparison) with { Ranking = ranking.Apply(parsed, comparison.Ranking) };
            ComparisonResult result = RunFolderFlags.SayHowToContinue(
                context, "compare", folder, () => context.WithProgress(work =>
                    Comparison.Run(comparison, training, folder, resume, work, shared)),
                resumes: shared ? share.Name : "--resume");
            return context.Print(parsed.GetValue(json), result, output =>
            {
                output.Write(result.Table);
                output.WriteLine($"Everything is in {result.Run}");
                CommandText.WriteNext(output, "search", result.BestRun);
            });
        });
        return command;
    }
}
