using System.Globalization;
using System.Xml.Linq;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Tests;

/// <summary>A report tells what the files of a run tell.</summary>
[Collection(PandaCollection.Name)]
public sealed class ReportTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void FiguresOfTrainingRankingAndSearchAreThoseOfTheFiles()
    {
        string run = world.Copy("figures");
        string file = world.Write("architectures.txt", TrainedRun.Architectures);
        string truth = world.Write("truth.csv", ["architecture,test", .. TrainedRun.Architectures.Select((one, i) => $"{one},{90 + i}.5")]);
        Assert.True(Panda.Json(
            "rank", run, "--architectures", file, "--truth", truth, "--truth-column", "test", "--allow-mismatch", "--images",
            "10").Code == 0);
        Assert.True(Panda.Json("search", run, "--algorithm", "random", "--evaluations", "8", "--max-params", "9000").Code == 0);

        // The last stage has written it.
        XDocument page = Page(run);

        SupernetResult trained = SupernetExperiment.ReadResult(run)!;
        SearchResult search = SearchExperiment.ReadResult(run)!;
        RankingResult ranking = RankingExperiment.ReadResult(run)!;
        Assert.Equal(trained.ValidationAccuracy, TileOf(page, "accuracy of random architectures"));
        Assert.Equal(search.Best.Accuracy, TileOf(page, "the best, with shared weights"));
        Assert.Equal(search.Best.Parameters, TileOf(page, "its parameters"));
        Assert.Equal(ranking.Quality!.KendallTau, TileOf(page, "Kendall's tau"));
        XElement losses = Figure(page, "Loss");
        Assert.Equal(
            Files.LoggedEpochs(run).Select(epoch => epoch.ToString(CultureInfo.InvariantCulture)),
            losses.Descendants("tr").Skip(1).Select(row => row.Elements("td").First().Value));
        Assert.Equal(search.Top.Select(one => one.Architecture), LastCells(Figure(page, "The best that were found")));
        Assert.Equal(ranking.BestFirst.Select(one => one.Architecture), LastCells(Figure(page, "All, best first")));
        Assert.Contains("limit 9000", page.ToString(), StringComparison.Ordinal);
        // Nodes and operations of the winning cell.
        Assert.Equal(4, Figure(page, "The cell").Descendants("rect").Count(box => box.Attribute("class")!.Value == "node"));
        RequireAlone(run);
    }

    [Fact]
    public void RetrainingHasAReportWithItsNetwork()
    {
        string run = world["retrained"];
        Outcome retrained = Panda.Json(
            "retrain", world.Run, "--architecture", TrainedRun.Architectures[0], "--epochs", "1", "--threads", "1", "--out", run);
        Assert.True(retrained.Code == 0, retrained.Error);

        XDocument page = Page(run);

        RetrainingResult result = RetrainingExperiment.ReadResult(run)!;
        Assert.Equal(result.TestAccuracy, TileOf(page, "test accuracy"));
        Assert.Equal(result.LiveParams, TileOf(page, "parameters"));
        Assert.Contains("stem 3×3", Figure(page, "The network").Value, StringComparison.Ordinal);
        RequireAlone(run);
    }

    [Fact]
    public void NamesWithMarkupStayNames()
    {
        string run = world.Copy("<script>alert(1)<");
        string to = world["page.html"];

        Assert.Equal(0, Panda.Run("report", run, "--out", to).Code);

        string html = File.ReadAllText(to);
        Assert.Equal("<script>alert(1)<", XDocument.Parse(html).Descendants("h1").Single().Value);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void UnfinishedRunSaysSo()
    {
        string run = world.Copy("unfinished", folder => File.Delete(Path.Combine(folder, "train.json")));

        Assert.Equal(0, Panda.Run("report", run).Code);

        Assert.Contains("The training is not finished: 2 epochs of 2 are done.", Page(run).Root!.Value, StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsDamagedIsNamedAndTheRestIsShown()
    {
        string run = world.Copy("damaged", folder => File.AppendAllText(Path.Combine(folder, "train.json"), "x"));

        Assert.Equal(0, Panda.Run("report", run).Code);

        XDocument page = Page(run);
        XElement problems = page.Descendants("section").Single(section => section.Attribute("class")?.Value == "problems");
        Assert.Contains("train.json", problems.Value, StringComparison.Ordinal);
        Assert.Equal(2, Figure(page, "Loss").Descendants("tr").Count() - 1);
    }

    [Fact]
    public void RunWithoutAnEpochSaysSo()
    {
        string run = world.Copy("begun", folder =>
        {
            File.Delete(Path.Combine(folder, "train.json"));
            File.Delete(Path.Combine(folder, "log.jsonl"));
        });

        Assert.Equal(0, Panda.Run("report", run).Code);

        Assert.Contains("has not finished its first epoch yet", Page(run).Root!.Value, StringComparison.Ordinal);
    }

    // Beside runs that can be read, in a page that does not lie in its way.
    [Fact]
    public void FolderWithoutARunAndOneWithADamagedRunSaySoInThePage()
    {
        Directory.CreateDirectory(world["unused"]);
        string damaged = world.Copy("broken", folder => File.WriteAllText(Path.Combine(folder, "run.json"), "{"));
        string to = world["bad.html"];

        Assert.Equal(0, Panda.Run("report", world.Run, world["unused"], damaged, "--out", to).Code);

        XElement[] articles = [.. XDocument.Parse(File.ReadAllText(to)).Descendants("article")];
        Assert.Contains("Mean cross-entropy", articles[0].Value, StringComparison.Ordinal);
        Assert.Contains("it has no run.json", articles[1].Value, StringComparison.Ordinal);
        Assert.Contains("cannot use", articles[2].Value, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(world["unused"]));
    }

    [Fact]
    public void WhatIsNoRunIsRefused()
    {
        Directory.CreateDirectory(world["empty"]);
        Panda.Run("report", world["empty"]).Refused(3, "is not the folder of a run");
        Panda.Run("report", world["missing"], "--out", world["page.html"]).Refused(3, "is not the folder of a run");
        Panda.Run("report", world.Run, world.Run).Refused(2, "is named twice");
        Panda.Run("report", world.Run, "--out", world["empty"]).Refused(2, "which is a folder");
        Assert.Empty(Directory.GetFileSystemEntries(world["empty"]));
    }

    [Fact]
    public void RunIsDoneAlsoWhereItsReportCannotBeWritten()
    {
        string run = world.Copy("blocked");
        File.Delete(Path.Combine(run, "report.html"));
        Directory.CreateDirectory(Path.Combine(run, "report.html"));

        Outcome outcome = Panda.Json("search", run, "--algorithm", "random", "--evaluations", "4");

        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains("report.html' was not written", outcome.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "search.json")));
    }

    [Fact]
    public void SeveralRunsStandInOnePage()
    {
        string to = world["several.html"];

        Assert.Equal(0, Panda.Run("report", world.Run, world.Copy("second"), "--out", to).Code);

        XDocument page = XDocument.Parse(File.ReadAllText(to));
        Assert.Equal(["run", "second"], page.Descendants("article").Select(article => article.Element("h2")!.Value));
    }

    private static XDocument Page(string run) => XDocument.Parse(File.ReadAllText(Path.Combine(run, "report.html")));

    private static double TileOf(XDocument page, string label) => double.Parse(
        page.Descendants("div").Single(tile => tile.Attribute("class")?.Value == "tile" && tile.Element("span")!.Value == label)
            .Element("data")!.Attribute("value")!.Value, CultureInfo.InvariantCulture);

    private static XElement Figure(XDocument page, string title) =>
        page.Descendants("figure").Single(figure => figure.Element("figcaption")!.Element("strong")!.Value == title);

    private static IEnumerable<string> LastCells(XElement figure) =>
        figure.Descendants("tr").Skip(1).Select(row => row.Elements("td").Last().Value);

    // One file, small, that asks for nothing.
    private static void RequireAlone(string run)
    {
        string html = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.True(html.Length < 2_000_000);
        foreach (string sign in (string[])["http:", "https:", "//", "<script", "<link", "<img", "<iframe", "url(", "javascript:", " src="])
            Assert.DoesNotContain(sign, html, StringComparison.OrdinalIgnoreCase);
    }
}
