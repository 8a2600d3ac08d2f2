using System.Globalization;
using System.Xml.Linq;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>The commands that a report prints make everything again; a shell and the command line's parser take them.</summary>
[Collection(PandaCollection.Name)]
public sealed class ReproductionTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public async Task TrainingRankingAndSearchAreMadeAgainBitForBit()
    {
        string run = world.Copy("it's a run");
        string file = world.Write("some architectures.txt", TrainedRun.Architectures);
        string truth = world.Write(
            "the truth.csv", ["architecture,a b", .. TrainedRun.Architectures.Select((one, i) => $"{one},{90 + i}.5")]);
        Run("rank", run, "--architectures", file, "--images", "10", "--seed", "-3", "--truth", truth, "--truth-column", "a b",
            "--allow-mismatch", "--min-truth", "90.75", "--top-k", "1,2", "--unique", "--reference", "20");
        Run("search", run, "--algorithm", "regularized", "--population", "4", "--sample", "2", "--evaluations", "9", "--max-params",
            "9000", "--max-macs", "2000000", "--images", "12", "--top", "3", "--seed", "5", "--reference", "20");

        await RunPrinted(run, 3);

        string again = run + "-again";
        Assert.Equal(Options<SupernetOptions>(run), Options<SupernetOptions>(again));
        foreach (string same in (string[])["weights.safetensors", "ranking.csv", "search.json"])
            Assert.Equal(File.ReadAllBytes(Path.Combine(run, same)), File.ReadAllBytes(Path.Combine(again, same)));
        Assert.Equal(RankingExperiment.ReadResult(run)!.Options, RankingExperiment.ReadResult(again)!.Options);
    }

    [Fact]
    public async Task RetrainingIsMadeAgain()
    {
        string run = world["winner"];
        Run("retrain", world.Run, "--architecture", TrainedRun.Architectures[1], "--epochs", "1", "--seed", "7", "--threads", "1",
            "--out", run);

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
        RequireMeans(run);

        await RunPrinted(run, 1);

        (ComparisonOptions comparison, SupernetOptions options) = ComparisonExperiment.ReadOptions(run, Catalog.Default);
        (ComparisonOptions again, SupernetOptions sameOptions) = ComparisonExperiment.ReadOptions(run + "-again", Catalog.Default);
        Assert.Equal(comparison, again);
        Assert.Equal(comparison.Ranking, again.Ranking);
        Assert.Equal(options, sameOptions);
    }

    // The figures of the page are those of the file.
    private static void RequireMeans(string run)
    {
        ComparisonResult result = ComparisonExperiment.ReadResult(run)!;
        XDocument page = XDocument.Parse(File.ReadAllText(Path.Combine(run, "report.html")));
        foreach (ComparisonRow row in result.Rows.Where(row => !row.IsControl))
        {
            double mean = row.Measures[Measure.ValidationAccuracy.Name].Mean;
            XElement tile = page.Descendants("div").Where(div => div.Attribute("class")?.Value == "tile")
                .Single(div => div.Element("span")!.Value.StartsWith($"{row.Name}: ", StringComparison.Ordinal));
            Assert.Equal(mean.ToString("R", CultureInfo.InvariantCulture), tile.Element("data")!.Attribute("value")!.Value);
        }
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
