using System.Xml.Linq;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Tests;

/// <summary>The commands that a report prints make everything again: a shell and the parser of the command line take them as they stand.</summary>
[Collection(PandaCollection.Name)]
public sealed class ReproductionTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public async Task TrainingRankingAndSearchAreMadeAgainBitForBit()
    {
        string run = world.Copy("it's a run");
        string file = world.Write("some architectures.txt", TrainedRun.Architectures);
        string truth = world.Write("the truth.csv", ["architecture,a b", .. TrainedRun.Architectures.Select((one, i) => $"{one},{90 + i}.5")]);
        Run("rank", run, "--architectures", file, "--images", "10", "--seed", "-3", "--truth", truth, "--truth-column", "a b",
            "--allow-mismatch", "--min-truth", "90.75", "--top-k", "1,2", "--unique");
        Run("search", run, "--algorithm", "regularized", "--population", "4", "--sample", "2", "--evaluations", "9", "--max-params",
            "9000", "--max-macs", "2000000", "--images", "12", "--top", "3", "--seed", "5");

        await RunPrinted(run, 3);

        string again = run + "-again";
        Assert.Equal(Options<SupernetOptions>(run), Options<SupernetOptions>(again));
        Assert.Equal(File.ReadAllBytes(Path.Combine(run, "weights.safetensors")), File.ReadAllBytes(Path.Combine(again, "weights.safetensors")));
        Assert.Equal(RankingExperiment.ReadResult(run)!.Options, RankingExperiment.ReadResult(again)!.Options);
        Assert.Equal(File.ReadAllText(Path.Combine(run, "ranking.csv")), File.ReadAllText(Path.Combine(again, "ranking.csv")));
        Assert.Equal(File.ReadAllText(Path.Combine(run, "search.json")), File.ReadAllText(Path.Combine(again, "search.json")));
    }

    [Fact]
    public async Task RetrainingIsMadeAgain()
    {
        string run = world["winner"];
        Run("retrain", world.Run, "--architecture", TrainedRun.Architectures[1], "--epochs", "1", "--seed", "7", "--threads", "1", "--out", run);

        await RunPrinted(run, 1);

        Assert.Equal(Options<RetrainOptions>(run), Options<RetrainOptions>(run + "-again"));
        Assert.Equal(RetrainingExperiment.ReadResult(run)!.Architecture, RetrainingExperiment.ReadResult(run + "-again")!.Architecture);
    }

    [Fact]
    public async Task ComparisonIsMadeAgain()
    {
        string run = world["methods"];
        string[] training = world.TrainArguments(run, "--epochs", "1");
        Run(["compare", .. training.Skip(1), "--methods", "spos,panda", "--seeds", "1,4", "--equal", "passes", "--architectures", "5",
            "--images", "9", "--ranking-seed", "2", "--top-k", "1,3"]);

        await RunPrinted(run, 1);

        (ComparisonOptions comparison, SupernetOptions options) = ComparisonExperiment.ReadOptions(run, Catalog.Default);
        (ComparisonOptions againComparison, SupernetOptions againOptions) = ComparisonExperiment.ReadOptions(run + "-again", Catalog.Default);
        Assert.Equal(comparison, againComparison);
        Assert.Equal(comparison.Ranking, againComparison.Ranking);
        Assert.Equal(options, againOptions);
    }

    private static T Options<T>(string run)
        where T : TrainingRunOptions => RunDirectory.ReadOptions<T>(run, Catalog.Default);

    private static void Run(params string[] arguments)
    {
        Outcome outcome = Panda.Json(arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
    }

    private static async Task RunPrinted(string run, int count)
    {
        string[] commands = XDocument.Parse(File.ReadAllText(Path.Combine(run, "report.html"))).Descendants("h3")
            .Single(heading => heading.Value == "How to get this again").Parent!.Element("pre")!.Value.Split('\n');
        Assert.Equal(count, commands.Length);
        foreach (string command in commands) Run(await Words(command));
    }

    // As a shell reads them.
    private static async Task<string[]> Words(string command)
    {
        Assert.StartsWith("panda ", command, StringComparison.Ordinal);
        using var shell = PandaProcess.Start("bash", ["-c", $"printf '%s\\n' {command["panda ".Length..]}"]);
        return (await shell.Finish()).Output.TrimEnd('\n').Split('\n');
    }
}
