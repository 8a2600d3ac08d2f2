using System.CommandLine;
using System.Globalization;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda search</c>: looks for good architectures under limits.</summary>
internal static class SearchVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "search",
            "Search a supernet for the most accurate architectures, under limits if you set them.",
            """
            Costs are those of plain networks of the supernet's size; latencies are predicted by a table that was measured for that size.
            Interrupted, the same command goes on from the scores that are there, and ends with the same result.
            --ranker orders by scores or sums of log ranks, as in panda rank, which tells what orders without it; the objective accuracy
            is then that. Rankers that need no supernet search one of 0 epochs: panda train --epochs 0.
            --labels 30 chooses 30 architectures, trains each alone on the supernet's training images and orders by what a predictor
            learns from their held-out accuracies. A label that is trained is never trained again.
            """,
            "panda search runs/panda",
            "panda search runs/panda --max-params 500000 --max-macs 80000000 --json",
            "panda search runs/panda --max-latency-ms 5 --latency-table nasbench201.latency.json",
            "panda search runs/panda --ranker accuracy+live-params --max-params 500000",
            "panda search runs/panda --ranker accuracy+live-params --labels 30 --label-epochs 12",
            "panda search runs/panda --algorithm nsga2 --objectives accuracy,macs --max-params 500000",
            "panda search runs/panda --algorithm regularized --population 50 --sample 10 --evaluations 500",
            "panda search runs/panda --algorithm random --evaluations 500")
        {
            RunsOnRanks = true,
        };
        var run = new Argument<string>("RUN") { Description = "folder of a trained supernet" };
        command.Add(run);
        OptionFlags<SearchOptions> search = OptionFlags<SearchOptions>.Add(command);
        OptionFlags<SupernetOptions> flags = OptionFlags<SupernetOptions>.AddOfEvaluation(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            SearchOptions options = search.Apply(parsed, new SearchOptions { Catalog = context.Catalog }).Settle();
            if (context.IsWorker)
                return context.Serve(work => Supernet.Serve(
                    parsed.GetValue(run)!, stored => flags.Apply(parsed, stored), options, work));
            using Supernet supernet = Supernet.Open(parsed.GetValue(run)!, context.Catalog, stored => flags.Apply(parsed, stored));
            SearchResult result = context.WithProgress(work => supernet.Search(options, work));
            return context.Print(parsed.GetValue(json), result, output => Print(output, result, flags.Given(parsed)));
        });
        return command;
    }

    private static void Print(TextWriter output, SearchResult result, IEnumerable<string> given)
    {
        string scored = result.Images == 0
            ? FormattableString.Invariant($"Scored {result.Evaluated:N0} architectures without a supernet's weights")
            : FormattableString.Invariant(
                $"Evaluated {result.Evaluated:N0} architectures on {result.Images:N0} {result.RankingPart} images");
        output.WriteLine(PlainText.Wrap(FormattableString.Invariant($"{scored} in {result.Seconds:F0} s; {result.Limits}. The best:")));
        ArchitectureTable.Print(output, result.Top);
        if (result.Ranker is { } ranker) RankerText.Print(output, ranker);
        if (result.Labels is { } labels) LabelText.Print(output, labels);
        if (Certainty(result) is { Length: > 0 } certainty) output.WriteLine(PlainText.Wrap(certainty));
        if (!result.ParetoFront.IsEmpty)
        {
            output.WriteLine($"The Pareto front, {PlainText.Count(result.ParetoFront.Length, "architecture")}:");
            ArchitectureTable.Print(output, result.ParetoFront);
        }
        if (result.LatencyOf is not null) output.WriteLine(PlainText.Wrap($"Latencies are predicted: {result.LatencyOf}."));
        output.WriteLine($"Results: {Path.Combine(result.Run!, SearchExperiment.ResultName)}");
        CommandText.WriteNext(output, ["retrain", result.Run!, "--architecture", "best", .. given]);
    }

    private static string Certainty(SearchResult result)
    {
        SearchCertainty certainty = result.Certainty;
        string ties = certainty.Ties == 1
            ? ""
            : $" {PlainText.Count(certainty.Ties, "architecture")} tie for the best; the cheapest stands first.";
        if (certainty is not { BestCi95: { } best, Within: { } others }) return ties.TrimStart();
        string interval = string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Images:N0} images tell the best's accuracy with a 95% interval from {best.Lower:P1} to {best.Upper:P1}");
        string several = FormattableString.Invariant($"{PlainText.Count(others, "architecture")} of {certainty.Visited:N0}");
        string within = (others, result.Ranker) switch
        {
            (1, null) => "no other lies within it",
            (1, _) => "with its lower end it would still rank first",
            (_, null) => $"{several} lie within it",
            _ => $"{several} rank no lower than the best would with its lower end",
        };
        return $"{interval}; {within}.{ties}";
    }
}
