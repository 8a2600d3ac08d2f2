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
            --equal epochs: every method trains --epochs.
            --equal passes: the method with the fewest passes a step trains --epochs; one that takes k times as many trains --epochs / k.
            --equal seconds: the first method trains --epochs; for the others the second of two epochs, trained beforehand, says how
            many take as long. Passes and seconds in the table are those that were spent.
            """,
            "panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,panda --truth nasbench201.csv --images 1000 --out runs/comparison",
            "panda compare --preset nasbench201-cpu --data images:cifar10 --methods spos,fairnas,sumnas,panda --seeds 0,1,2,3,4 --equal passes --truth nasbench201.csv",
            "panda compare --out runs/comparison --resume");
        var methods = new Option<string?>("--methods") { Description = $"methods, the reference first: {string.Join(", ", context.Catalog.MethodNames)}", HelpName = "LIST" };
        var seeds = new Option<string?>("--seeds") { Description = "seeds with which each is trained [default: 0,1,2]", HelpName = "LIST" };
        var equal = new Option<string?>("--equal") { Description = "what every method gets the same of [default: epochs]", HelpName = "epochs|passes|seconds" };
        foreach (Option option in (Option[])[methods, seeds, equal]) command.Add(option);
        RankingFlags ranking = RankingFlags.AddAll(command, "--ranking-seed");
        ExperimentFlags flags = ExperimentFlags.AddAll(command, OptionScope.Supernet, context.ForSupernet, "method", "seed");
        RunFolderFlags folderFlags = RunFolderFlags.Add(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            (string folder, bool resume) = folderFlags.Resolve(parsed, "comparison");
            (ComparisonOptions comparison, ExperimentOptions training) = resume && RunDirectory.Exists(folder)
                ? Stored(context, parsed, flags, folder)
                : (new ComparisonOptions(), flags.Apply(parsed, context.ForSupernet, OptionScope.Supernet, OptionScope.Supernet));
            if (parsed.GetValue(methods) is { } methodList) comparison = comparison with { Methods = ComparisonOptions.ParseMethods(methodList, context.Catalog) };
            if (parsed.GetValue(seeds) is { } seedList) comparison = comparison with { Seeds = ComparisonOptions.ParseSeeds(seedList) };
            if (parsed.GetValue(equal) is { } measure) comparison = comparison with { Equal = ComparisonOptions.ParseEqual(measure) };
            comparison = comparison with { Ranking = ranking.Apply(parsed, comparison.Ranking) };
            ComparisonResult result = RunFolderFlags.SayHowToContinue(
                context, "compare", folder, () => context.WithProgress(work => ComparisonExperiment.Compare(comparison, training, folder, resume, work)));
            return context.Print(parsed.GetValue(json), result, output =>
            {
                output.Write(ComparisonTable.Text(result));
                output.WriteLine($"Everything is in {result.Run}");
                CommandText.WriteNext(output, "search", result.BestRun);
            });
        });
        return command;
    }

    private static (ComparisonOptions Comparison, ExperimentOptions Training) Stored(VerbContext context, ParseResult parsed, ExperimentFlags flags, string folder)
    {
        (ComparisonOptions comparison, ExperimentOptions training) = ComparisonExperiment.ReadOptions(folder, context.ForSupernet);
        return (comparison, flags.ApplyToStored(parsed, training, OptionScope.Supernet, OptionScope.Supernet, folder));
    }
}
