using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments;
using PandaNas.Searching;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda search</c>: looks for good architectures under limits.</summary>
internal static class SearchVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "search",
            "Search a trained supernet for the most accurate architectures, under limits if you set them.",
            "",
            "panda search runs/panda",
            "panda search runs/panda --max-params 500000 --max-macs 80000000 --json",
            "panda search runs/panda --algorithm random --evaluations 500");
        var standard = new EvolutionarySearchOptions();
        var run = new Argument<string>("RUN") { Description = "folder of a trained supernet" };
        var algorithm = new Option<string>("--algorithm") { Description = "how to search", HelpName = "evolution|random", DefaultValueFactory = _ => "evolution" };
        algorithm.AcceptOnlyFromAmong("evolution", "random");
        var population = new Option<int>("--population") { Description = "evolution: architectures a generation", HelpName = "N", DefaultValueFactory = _ => standard.Population };
        var generations = new Option<int>("--generations") { Description = "evolution: generations, the random first one included", HelpName = "N", DefaultValueFactory = _ => standard.Generations };
        var mutation = new Option<double>("--mutation-probability") { Description = "evolution: of each choice, above 0 to 1", HelpName = "X", DefaultValueFactory = _ => standard.MutationProbability };
        var crossover = new Option<double>("--crossover-fraction") { Description = "evolution: share of children made by crossover, 0 to 1", HelpName = "X", DefaultValueFactory = _ => standard.CrossoverFraction };
        var topK = new Option<int>("--top-k") { Description = "evolution: best architectures kept as parents", HelpName = "N", DefaultValueFactory = _ => standard.TopK };
        var evaluations = new Option<int>("--evaluations") { Description = "random: architectures", HelpName = "N", DefaultValueFactory = _ => new RandomSearchOptions().Architectures };
        var maxParams = new Option<long?>("--max-params") { Description = "most parameters", HelpName = "N" };
        var maxMacs = new Option<long?>("--max-macs") { Description = "most multiply-adds for one image", HelpName = "N" };
        var images = new Option<int>("--images") { Description = "images that score each; 0 is all that rank", HelpName = "N" };
        var top = new Option<int>("--top") { Description = "architectures to report", HelpName = "N", DefaultValueFactory = _ => 10 };
        var seed = new Option<long>("--seed") { Description = "decides the search's random numbers", HelpName = "N" };
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(run);
        foreach (Option option in (Option[])[algorithm, population, generations, mutation, crossover, topK, evaluations, maxParams, maxMacs, images, top, seed]) command.Add(option);
        ExperimentFlags flags = ExperimentFlags.AddAdjustable(command);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string name = parsed.GetValue(algorithm)!;
            ISearchAlgorithm search = name == "random"
                ? new RandomSearch(new RandomSearchOptions { Architectures = parsed.GetValue(evaluations) })
                : new EvolutionarySearch(new EvolutionarySearchOptions
                {
                    Population = parsed.GetValue(population),
                    Generations = parsed.GetValue(generations),
                    MutationProbability = parsed.GetValue(mutation),
                    CrossoverFraction = parsed.GetValue(crossover),
                    TopK = parsed.GetValue(topK),
                });
            SearchSummary result = context.WithProgress(work => SearchExperiment.Search(
                parsed.GetValue(run)!, search, name, new CostLimits(parsed.GetValue(maxParams), parsed.GetValue(maxMacs)),
                parsed.GetValue(images), parsed.GetValue(top), parsed.GetValue(seed), stored => flags.Apply(parsed, stored, OptionScope.All, OptionScope.All), work));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result));
        });
        return command;
    }

    private static void Print(TextWriter output, SearchSummary result)
    {
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Evaluated {result.Evaluated} architectures on {result.Images} {result.RankingPart} images in {result.Seconds:F0} s. The best:"));
        TextTable.Print(output, ["architecture", ">accuracy", ">params", ">multiply-adds"], result.Best.Select(found => (IReadOnlyList<string>)
        [
            found.Architecture,
            found.Accuracy.ToString("P1", CultureInfo.InvariantCulture),
            found.Params.ToString("N0", CultureInfo.InvariantCulture),
            found.Macs.ToString("N0", CultureInfo.InvariantCulture),
        ]));
        output.WriteLine($"Next: panda retrain {result.Run} --architecture best");
    }
}
