using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Reporting.Pages;
using PandaNas.Training;
using SkiaSharp;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>A report tells what the files of a run tell.</summary>
[Collection(PandaCollection.Name)]
public sealed partial class ReportTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void FiguresOfTrainingRankingAndSearchAreThoseOfTheFiles()
    {
        string run = world.Copy("figures");
        string file = world.Write("architectures.txt", TrainedRun.Architectures);
        string truth = world.Write("truth.csv", ["architecture,test", .. TrainedRun.Architectures.Select((one, i) => $"{one},{90 + i}.5")]);
        Assert.True(Panda.Json(
            "rank", run, "--architectures", file, "--truth", truth, "--truth-column", "test", "--allow-mismatch", "--images",
            "10", "--ranker", "accuracy").Code == 0);
        Assert.True(Panda.Json(
            "search", run, "--algorithm", "random", "--evaluations", "8", "--max-params", "9000", "--ranker", "accuracy").Code == 0);

        // The last stage has written it.
        XDocument page = Page(run);

        SupernetResult trained = SupernetExperiment.ReadResult(run)!;
        SearchResult search = SearchExperiment.ReadResult(run)!;
        RankingResult ranking = RankingExperiment.ReadResult(run)!;
        Assert.Equal(trained.ValidationAccuracy, TileOf(page, "accuracy of random architectures"));
        Assert.Equal(search.Best.Accuracy, TileOf(page, "the best, with shared weights"));
        Assert.Equal(search.Best.Parameters, TileOf(page, "its parameters"));
        Assert.Equal(ranking.Quality!.KendallTau, TileOf(page, "Kendall's tau"));
        EpochRecord[] epochs = [.. RunLog.Records<EpochRecord>(RunDirectory.LogPathOf(run), RunLog.EpochSign)];
        Assert.Equal(
            epochs.Select(one => FormattableString.Invariant($"{one.Epoch} {one.Loss:F4} {one.Accuracy * 100:F2}%")),
            Rows(page, "Loss", 3));
        Assert.Equal(
            epochs.Select(one => FormattableString.Invariant($"{one.Epoch} {one.DataEffectiveSampleSize:F1} {one.DataEntropy:F4}")),
            Rows(page, "How evenly images are drawn", 3));
        Assert.Equal(
            epochs.Select(one => FormattableString.Invariant($"{one.Epoch} {one.PathProbabilities[0]:F4} {one.PathProbabilities[1]:F4}")),
            Rows(page, "How often each operation is drawn", 3));
        Assert.Equal(
            ranking.BestFirst.Select(one => FormattableString.Invariant(
                $"{one.Architecture} true accuracy in % (test): {one.Truth} {Accuracy(one)}")).Order(),
            Tips(page, "Predicted against true accuracy").Order());
        Assert.Equal(
            ranking.BestFirst.Select(one => $"{one.Architecture} parameters: {Count(one)} {Accuracy(one)}"), Tips(page, "What was ranked"));
        Assert.Empty(search.Top.Select(one => $"{one.Architecture} parameters: {Count(one)} {Accuracy(one)}")
            .Except(Tips(page, "Accuracy over size")));
        Assert.Equal(search.Top.Select(one => one.Architecture), LastCells(Figure(page, "The best that were found")));
        Assert.Equal(ranking.BestFirst.Select(one => one.Architecture), LastCells(Figure(page, "All, best first")));
        Assert.Contains("limit 9000", page.ToString(), StringComparison.Ordinal);
        // Nodes and operations of the winning cell.
        Assert.Equal(4, Figure(page, "The cell").Descendants("rect").Count(box => box.Attribute("class")!.Value == "node"));
        RequireAlone(run);
    }

    [Fact]
    public void RankingByARankerShowsItsScoresAndWhatItIsMadeOf()
    {
        string run = world.Copy("ranked-by-ranker");
        string file = world.Write("ranked.txt", TrainedRun.Architectures);
        string truth = world.Write("known.csv", ["architecture,test", .. TrainedRun.Architectures.Select((one, i) => $"{one},{90 + i}.5")]);
        Assert.Equal(0, Panda.Json(
            "rank", run, "--architectures", file, "--truth", truth, "--truth-column", "test", "--allow-mismatch", "--images",
            "10", "--ranker", "accuracy+live-params", "--reference", "10").Code);

        XDocument page = Page(run);

        string agreement = Figure(page, "How well the order agrees").Value;
        foreach (string part in (string[])["accuracy+live-params", "accuracy alone", "live-params alone"])
            Assert.Contains(part, agreement, StringComparison.Ordinal);
        Assert.Contains(
            RankingExperiment.ReadResult(run)!.BestFirst[0].Score!.Value.ToString("F3", CultureInfo.InvariantCulture),
            Figure(page, "All, best first").Value, StringComparison.Ordinal);
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
        RequirePredictions(page, TestPredictions.Read(run)!);
        RequireAlone(run);
    }

    // The chart of every count, the classes and the mistakes with their pictures.
    private static void RequirePredictions(XDocument page, TestPredictions found)
    {
        int[,] counts = found.Confusion();
        string[] cells =
        [
            .. from truth in Enumerable.Range(0, TinyImages.Classes)
               from taken in Enumerable.Range(0, TinyImages.Classes)
               select $"{found.Classes[truth]} taken for {found.Classes[taken]}: {counts[truth, taken]} of "
                   + $"{TinyImages.Test / TinyImages.Classes} images",
        ];
        Assert.Equal(cells, Figure(page, "What is taken for what").Descendants("title").Select(title => title.Value));
        XElement[] classes = [.. Figure(page, "The classes, worst first").Descendants("tbody").Single().Elements("tr")];
        Assert.Equal(
            found.Score().Classes.OrderBy(one => one.Accuracy).Select(one => one.Class),
            classes.Select(row => row.Elements("td").First().Value));
        XElement[] mistakes = [.. Figure(page, "The mistakes made with the most confidence").Descendants("li")];
        Assert.Equal(Math.Min(12, found.Mistakes.Length), mistakes.Length);
        foreach ((XElement shown, TestMistake mistake) in mistakes.Zip(found.Mistakes))
        {
            Assert.Equal(found.Classes[found.Predicted[mistake.Image]], shown.Element("b")!.Value);
            Assert.Equal($"is {found.Classes[found.Labels[mistake.Image]]}", shown.Elements("span").Last().Value);
            Assert.Equal($"data:image/png;base64,{Convert.ToBase64String(mistake.Png)}", shown.Element("img")!.Attribute("src")!.Value);
        }
    }

    [Fact]
    public void ImagesThatAreDrawnTheMostAreShownAlsoWithoutTheData()
    {
        string run = world.Copy("drawn");
        DrawnImages drawn = DrawnImages.Read(run)!;

        Assert.Equal(0, Panda.Run("report", run).Code);

        Assert.Equal(12, drawn.Most.Length);
        Assert.True(drawn.Most[0].Times > 1 && drawn.Least[0].Times < 1);
        (string Title, ImmutableArray<DrawnImage> Images)[] parts =
            [("The images drawn the most often", drawn.Most), ("The images drawn the least often", drawn.Least)];
        foreach ((string title, ImmutableArray<DrawnImage> images) in parts)
        {
            XElement[] boxes = [.. Figure(Page(run), title).Descendants("li")];
            Assert.Equal(images.Select(one => one.Class), boxes.Select(box => box.Element("b")!.Value));
            Assert.Equal(
                images.Select(one => Convert.ToBase64String(one.Png)),
                boxes.Select(box => box.Element("img")!.Attribute("src")!.Value.Split(',')[1]));
        }
        File.Delete(Path.Combine(run, DrawnImages.FileName));
        Assert.Equal(0, Panda.Run("report", run).Code);
        XElement missing = Figure(Page(run), "The images drawn the most and the least often");
        Assert.Contains("They cannot be shown", missing.Value, StringComparison.Ordinal);
    }

    // Names of folders and of classes, in everything that shows them.
    [Fact]
    public void MarkupInNamesOfClassesNeverBecomesMarkup()
    {
        string[] classes = ["<script>alert(1)<", "\" onload=\"alert(2)\" '&amp;]]>", "\u202Egnp.x\u0007"];
        string data = world["<img src=x onerror=alert(3)>"];
        var random = new Random(0);
        foreach ((int label, string name) in classes.Index())
        {
            Directory.CreateDirectory(Path.Combine(data, name));
            for (int i = 0; i < 16; i++) File.WriteAllBytes(Path.Combine(data, name, $"{i}.png"), Picture(random, label));
        }
        string run = world["<b>run</b> & co".Replace("/", "", StringComparison.Ordinal)], figures = world["<i>figures"];
        Outcome trained = Panda.Json(
            "retrain", "--data", data, "--architecture", TrainedRun.Architectures[0], "--channels", "2", "--cells", "1",
            "--image-size", "8", "--epochs", "1", "--batch-size", "8", "--threads", "1", "--out", run);
        Assert.True(trained.Code == 0, trained.Error);

        Assert.Equal(0, Panda.Run("plot", run, "--out", figures, "--format", "svg").Code);

        string[] shown = [classes[0], classes[1], "\\u202egnp.x\\u0007"];
        XDocument page = Page(run);
        XElement confusion = Figure(page, "What is taken for what");
        foreach (string name in shown)
            Assert.Contains(confusion.Descendants("title"), title => title.Value.StartsWith($"{name} taken for", StringComparison.Ordinal));
        string[] allowed =
        [
            "html", "head", "meta", "title", "style", "body", "main", "header", "h1", "h2", "h3", "p", "div", "section", "article",
            "dl", "dt", "dd", "pre", "code", "span", "small", "data", "figure", "figcaption", "strong", "ul", "ol", "li", "b", "img",
            "details", "summary", "table", "thead", "tbody", "tr", "th", "td", "footer", "svg", "g", "line", "path", "rect",
            "circle", "text",
        ];
        RequireNoMarkup(page, File.ReadAllText(Path.Combine(run, "report.html")), allowed);
        foreach (string file in Directory.GetFiles(figures))
            RequireNoMarkup(
                XDocument.Load(file), File.ReadAllText(file),
                ["svg", "g", "line", "path", "rect", "circle", "text", "title", "desc", "image"]);
    }

    private static void RequireNoMarkup(XDocument page, string text, string[] allowed)
    {
        Assert.Empty(page.Descendants().Select(element => element.Name.LocalName).Distinct().Except(allowed));
        Assert.DoesNotContain(
            page.Descendants().Attributes(), attribute => attribute.Name.LocalName.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain("<script", text, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain('\u202E', text);
        Assert.DoesNotContain('\u0007', text);
    }

    private static byte[] Picture(Random random, int label)
    {
        using var bitmap = new SKBitmap(new SKImageInfo(8, 8, SKColorType.Rgba8888, SKAlphaType.Opaque));
        for (int y = 0; y < 8; y++)
            for (int x = 0; x < 8; x++)
                bitmap.SetPixel(x, y, new SKColor((byte)random.Next(256), (byte)(80 * label), (byte)random.Next(256)));
        using SKData data = bitmap.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
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

        Outcome outcome = Panda.Json("search", run, "--algorithm", "random", "--evaluations", "4", "--reference", "20");

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

    // The first cells of every row of its table.
    private static IEnumerable<string> Rows(XDocument page, string title, int cells) => Figure(page, title).Descendants("tbody").Single()
        .Elements("tr").Select(row => string.Join(' ', row.Elements("td").Take(cells).Select(cell => cell.Value)));

    private static string Accuracy(ScoredArchitecture one) =>
        FormattableString.Invariant($"accuracy with the supernet: {one.Accuracy * 100:0.###}%");

    private static string Count(ScoredArchitecture one) => CostFigures.Parameters.Text(one.Parameters);

    // What marks say when a pointer is over them.
    private static IEnumerable<string> Tips(XDocument page, string title) =>
        Figure(page, title).Descendants("circle").Elements("title").Select(tip => tip.Value.Replace('\n', ' '));

    private static IEnumerable<string> LastCells(XElement figure) =>
        figure.Descendants("tr").Skip(1).Select(row => row.Elements("td").Last().Value);

    // One file, small, that asks for nothing.
    private static void RequireAlone(string run)
    {
        string html = File.ReadAllText(Path.Combine(run, "report.html"));
        Assert.True(html.Length < 2_000_000);
        html = Pictures().Replace(html, "");
        foreach (string sign in (string[])["http:", "https:", "//", "<script", "<link", "<iframe", "url(", "javascript:", " src="])
            Assert.DoesNotContain(sign, html, StringComparison.OrdinalIgnoreCase);
    }

    // Whole in the page; the letters of one may look like anything.
    [GeneratedRegex(@" src=""data:image/png;base64,[A-Za-z0-9+/=]+""")]
    private static partial Regex Pictures();
}
