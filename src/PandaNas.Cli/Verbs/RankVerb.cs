using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Verbs;

/// <summary><c>panda rank</c>: ranks architectures with a supernet and measures the ranking.</summary>
internal static class RankVerb
{
    public static Command Make(VerbContext context)
    {
        var command = new VerbCommand(
            "rank",
            "Rank architectures by their accuracy with a supernet's weights, and measure the ranking against stand-alone accuracies.",
            """
            --screen 200:25%,1000:20% scores every architecture on 200 images, the best quarter on 1,000, and the best fifth of those on
            --images. One that went further stands before one that did not. What this does to the ranking is measured on 100 random
            architectures, which all images score in any case.
            """,
            "panda rank runs/panda --architectures 600 --images 1000 --truth nasbench201.csv",
            "panda rank runs/panda --architectures all --unique --truth nasbench201.csv --top-k 10,100,1%,5% --json",
            "panda rank runs/panda --architectures all --min-truth 90 --truth nasbench201.csv",
            "panda rank runs/panda --architectures all --screen 200:25%,1000:20% --truth nasbench201.csv",
            "panda rank runs/panda --architectures mine.txt");
        var run = new Argument<string>("RUN") { Description = "folder of a trained supernet" };
        command.Add(run);
        RankingFlags ranking = RankingFlags.AddAll(command, "--seed");
        var screen = new Option<string?>("--screen") { Description = "score on fewer images first, and only the promising ones on more [default: all on all]", HelpName = "IMAGES:SHARE%,…" };
        command.Add(screen);
        ExperimentFlags flags = ExperimentFlags.AddAdjustable(command);
        Option<bool> json = VerbContext.JsonFlag();
        command.Add(json);
        command.SetAction(parsed =>
        {
            JsonObject report = context.WithProgress(work => RankingExperiment.Rank(
                parsed.GetValue(run)!, ranking.Apply(parsed, new RankingOptions { Screen = parsed.GetValue(screen) }), stored => flags.Apply(parsed, stored, OptionScope.All, OptionScope.All), work));
            return context.Print(parsed.GetValue(json), report, output => Print(output, report, flags.Given(parsed)));
        });
        return command;
    }

    private static void Print(TextWriter output, JsonObject report, IEnumerable<string> given)
    {
        output.WriteLine(PlainText.Wrap(
            $"Ranked {report["architectures"]} architectures ({report["evaluated"]} evaluated now) on {report["images"]} {report["ranking_part"]} images, protocol {report["protocol"]}."));
        PrintEnds(output, report);
        if (report["screening"] is { } screening) PrintScreening(output, screening);
        if (report["truth_column"] is not null) PrintStatistics(output, report);
        string run = report["run"]!.GetValue<string>();
        output.WriteLine($"Results: {Path.Combine(run, "ranking.csv")}");
        CommandText.WriteNext(output, ["search", run, .. given]);
    }

    // With few architectures the worst are among the best already, or are none.
    private static void PrintEnds(TextWriter output, JsonObject report)
    {
        RankedRow[] best = RowsOf(report["best"]), worst = RowsOf(report["worst"]);
        int all = report["architectures"]!.GetValue<int>();
        output.WriteLine(best.Length == all ? "All, best first:" : $"The best {best.Length}:");
        PrintRows(output, best, 1);
        if (worst.Length == 0) return;
        output.WriteLine($"The worst {worst.Length}:");
        PrintRows(output, worst, all - worst.Length + 1);
    }

    private static RankedRow[] RowsOf(JsonNode? rows) => rows.Deserialize<RankedRow[]>(RunJson.Options)!;

    private static void PrintRows(TextWriter output, RankedRow[] rows, int first)
    {
        (bool hasTruth, bool hasImages) = (rows[0].Truth is not null, rows[0].Images is not null);
        ArchitectureTable.Print(
            output,
            [">accuracy", ">params", ">multiply-adds", .. hasTruth ? (string[])[">truth"] : [], .. hasImages ? (string[])[">images"] : []],
            [
                .. rows.Select(row => (row.Architecture, (IReadOnlyList<string>)
                [
                    row.Accuracy.ToString("P1", CultureInfo.InvariantCulture),
                    row.Params.ToString("N0", CultureInfo.InvariantCulture),
                    row.Macs.ToString("N0", CultureInfo.InvariantCulture),
                    .. row.Truth is { } truth ? (string[])[truth.ToString("F2", CultureInfo.InvariantCulture)] : [],
                    .. row.Images is { } images ? (string[])[images.ToString("N0", CultureInfo.InvariantCulture)] : [],
                ])),
            ],
            first);
    }

    private static void PrintStatistics(TextWriter output, JsonObject report)
    {
        output.WriteLine($"Against truth column '{report["truth_column"]}':");
        TextTable.Print(output, ["", ">Kendall's tau", ">95% interval", ">Spearman", ">P@Top5%"], Rows(report));
        output.WriteLine(PlainText.Wrap($"Accurate part (truth of 90% and more): tau {Number(report["kendall_tau_accurate"]!["kendall_tau"])} on {report["kendall_tau_accurate"]!["architectures"]}. "
            + $"Unique cells: tau {Number(report["kendall_tau_unique"]!["kendall_tau"])} on {report["kendall_tau_unique"]!["architectures"]}."));
        output.WriteLine(PlainText.Wrap($"Regret in points: top-1 {Number(report["regret_top1"])}, top-10 {Number(report["regret_top10"])}. Among the best predicted:"));
        TextTable.Print(output, [">K", ">BR@K", ">WR@K", ">P@TopK", ">tau within", ">regret"], report["at_k"]!.AsArray().Select(top => (IReadOnlyList<string>)
            [$"{top!["k"]}", $"{top["best"]}", $"{top["worst"]}", Number(top["precision"]), Number(top["kendall_tau"]), Number(top["regret"])]));
    }

    private static void PrintScreening(TextWriter output, JsonNode screening)
    {
        output.WriteLine(PlainText.Wrap($"Screening: {string.Join(", then ", screening["scored"]!.AsArray())} architectures scored."));
        string truth = screening["kendall_tau"] is null
            ? ""
            : $"; tau against the truth {Number(screening["kendall_tau"])} with it, {Number(screening["kendall_tau_unscreened"])} without";
        output.WriteLine(PlainText.Wrap($"Its effect, on {screening["audited"]} random architectures: tau {Number(screening["agreement"])} between the orders with and without it{truth}."));
    }

    private static IEnumerable<IReadOnlyList<string>> Rows(JsonObject report)
    {
        string interval = report["kendall_tau_ci95"] is JsonArray ends ? $"{Number(ends[0])} to {Number(ends[1])}" : "";
        yield return [$"supernet ({report["method"]})", Number(report["kendall_tau"]), interval, Number(report["spearman"]), Number(report["precision_at_top5"])];
        foreach ((string name, JsonNode? control) in report["controls"]!.AsObject())
            yield return [$"control {name}", Number(control!["kendall_tau"]), "", Number(control["spearman"]), Number(control["precision_at_top5"])];
    }

    private static string Number(JsonNode? value) => value is null ? "undefined" : value.GetValue<double>().ToString("F3", CultureInfo.InvariantCulture);
}
