using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using SkiaSharp;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>The figures of a run as files are those of its report.</summary>
[Collection(PandaCollection.Name)]
public sealed class PlotTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    [Fact]
    public void FiguresAreThoseOfTheReportAndStandAlone()
    {
        string run = world.Copy("plotted");
        Outcome search = Panda.Json(
            "search", run, "--algorithm", "random", "--evaluations", "8", "--max-params", "9000", "--reference", "20");
        Assert.True(search.Code == 0, search.Error);
        string folder = world["figures"];

        Outcome outcome = Panda.Json("plot", run, "--out", folder);

        string[] files = [.. outcome.Json["files"]!.AsArray().Select(file => file!.GetValue<string>())];
        Assert.Equal(Directory.GetFiles(folder).Order(), files.Order());
        string[] expected =
        [
            "accuracy", "cell", "data-distribution", "drawn-least", "drawn-most", "loss", "network", "path-probabilities",
            "search-computation", "search-size",
        ];
        Assert.Equal(
            expected.SelectMany(name => (string[])[$"{name}.png", $"{name}.svg"]),
            files.Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal));
        XElement[] figures = [.. XDocument.Parse(File.ReadAllText(Path.Combine(run, "report.html"))).Descendants("figure")];
        foreach (string name in expected)
        {
            XElement svg = XDocument.Load(Path.Combine(folder, name + ".svg")).Root!;
            string title = svg.Element(s_svg + "title")!.Value;
            XElement figure = figures.Single(one => one.Descendants("strong").First().Value == title);
            IEnumerable<string> texts = svg.Descendants(s_svg + "text").Select(text => text.Value).Where(text => text != "→");
            Assert.Equal([title, .. Texts(figure)], texts);
            RequireAlone(svg);
            RequireSame(svg, Path.Combine(folder, name + ".png"));
        }
    }

    [Fact]
    public void FiguresOfSeveralRunsLieInFoldersOfTheirNames()
    {
        string folder = world["several"];

        Assert.Equal(0, Panda.Run("plot", world.Run, world.Copy("other"), "--out", folder, "--format", "svg").Code);

        Assert.Equal(["other", "run"], Directory.GetDirectories(folder).Select(path => Path.GetFileName(path)!).Order());
        Assert.All(Directory.GetFiles(Path.Combine(folder, "run")), file => Assert.EndsWith(".svg", file, StringComparison.Ordinal));
        Assert.True(File.Exists(Path.Combine(folder, "other", "loss.svg")));
        // A program gets the same, and both kinds of files.
        Assert.Equal(
            Directory.GetFiles(Path.Combine(folder, "run")).Select(file => Path.GetFileName(file)).Order(),
            Report.Plot([world.Run], world["from code"]).Where(file => Path.GetExtension(file) == ".svg")
                .Select(file => Path.GetFileName(file)).Order());
    }

    [Fact]
    public void WhatCannotBeDrawnIsRefused()
    {
        Directory.CreateDirectory(world["nothing"]);
        string unbegun = world.Copy("unbegun", folder =>
        {
            foreach (string file in (string[])["train.json", "log.jsonl", "drawn-images.json"]) File.Delete(Path.Combine(folder, file));
        });
        Panda.Run("plot", world["missing"]).Refused(3, "is not the folder of a run");
        Panda.Run("plot", world["nothing"]).Refused(3, "nothing to draw", "it has no run.json");
        Panda.Run("plot", unbegun, "--out", world["none"]).Refused(3, "nothing to draw");
        Panda.Run("plot", world.Run, world.Run).Refused(2, "is named twice");
        Panda.Run("plot", world.Run, "--out", world.Write("file")).Refused(2, "which is a file");
        Assert.False(Path.Exists(world["none"]));
    }

    private static IEnumerable<string> Texts(XElement figure) => figure.Descendants("ol").FirstOrDefault() is { } boxes
        ? boxes.Elements("li").SelectMany(box => box.Elements().Where(line => line.Name != "img").Select(line => line.Value))
        : figure.Elements("ul").SelectMany(legend => legend.Elements("li")).Select(entry => entry.Value)
            .Concat(figure.Element("div")!.Descendants("text").Select(text => text.Value));

    // No style sheet, no colour by name of a page, nothing to fetch, no mark that only a pointer shows.
    private static void RequireAlone(XElement svg)
    {
        Assert.Empty(svg.Descendants(s_svg + "style"));
        string[] colors = [.. Palette.Light.Values, "none"];
        foreach (XAttribute attribute in svg.DescendantsAndSelf().Attributes())
        {
            Assert.NotEqual("class", attribute.Name.LocalName);
            Assert.DoesNotContain("var(", attribute.Value, StringComparison.Ordinal);
            if (attribute.Name.LocalName is "fill" or "stroke") Assert.Contains(attribute.Value, colors);
        }
        Assert.StartsWith("DejaVu Sans", svg.Attribute("font-family")!.Value, StringComparison.Ordinal);
        Assert.Equal(s_svg, svg.Name.Namespace);
        Assert.All(
            svg.Descendants().Where(shape => shape.Name.LocalName is "circle" or "text"), shape => Assert.NotNull(shape.Attribute("fill")));
    }

    // The picture has the size of the drawing, and letters where the drawing has its title.
    private static void RequireSame(XElement svg, string png)
    {
        using var picture = SKBitmap.Decode(png);
        Assert.Equal(Math.Ceiling(2.5 * (double)svg.Attribute("width")!), picture.Width, 1.0);
        Assert.Equal(Math.Ceiling(2.5 * (double)svg.Attribute("height")!), picture.Height, 1.0);
        var ink = SKColor.Parse(Palette.Light["--ink"]);
        int dark = 0;
        for (int y = 0; y < 80; y++)
            for (int x = 0; x < 250; x++)
                if (picture.GetPixel(x, y) == ink) dark++;
        Assert.InRange(dark, 200, 8000);
    }
}
