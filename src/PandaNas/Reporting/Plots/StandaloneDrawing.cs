using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Markup;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Plots;

/// <summary>A figure as SVG that needs no page: with its title, its legend, its colours and its font.</summary>
internal static class StandaloneDrawing
{
    /// <summary>The font, and what stands in for it; the first is the one that PNG files are written in.</summary>
    public const string Fonts = "DejaVu Sans, Verdana, Arial, sans-serif";

    private const double Margin = 12, TitleHeight = 26, LegendHeight = 20, CharacterWidth = 7.4;

    private static readonly XNamespace s_svg = "http://www.w3.org/2000/svg";

    /// <summary>The drawing, on white paper; its size is in the attributes width and height.</summary>
    public static XElement Of(Figure figure)
    {
        XElement drawing = figure.Drawing!.Draw(figure.Says);
        (double width, double height) = (Size(drawing, "width"), Size(drawing, "height"));
        // Marks that only a pointer over them shows.
        drawing.Descendants("circle").Where(mark => mark.Attribute("class")!.Value.StartsWith("hidden", StringComparison.Ordinal)).Remove();
        width = Math.Max(width, figure.Title.Length * 9.4);
        (XElement[] legend, int rows) = Legend(figure, width);
        double top = Margin + TitleHeight + rows * LegendHeight;
        (double fullWidth, double fullHeight) = (width + 2 * Margin, top + height + Margin);
        XElement svg = Svg.Drawing(fullWidth, fullHeight, figure.Title,
            Element("title", figure.Title), Element("desc", figure.Explanation),
            Element("rect", At("width", fullWidth), At("height", fullHeight), new XAttribute("fill", Palette.Light["--paper"])),
            Svg.Text("start heading", Margin, Margin + 14, figure.Title),
            Moved(Margin, Margin + TitleHeight, legend),
            Moved(Margin, top, drawing.Elements()));
        svg.Add(new XAttribute("font-family", Fonts));
        HtmlFile.MakePlain(svg);
        DrawingStyle.Apply(svg, Palette.Light);
        foreach (XElement element in svg.DescendantsAndSelf()) element.Name = s_svg + element.Name.LocalName;
        return svg;
    }

    private static double Size(XElement drawing, string name) => (double)drawing.Attribute(name)!;

    private static XElement Moved(double x, double y, params object?[] content) =>
        Element("g", new XAttribute("transform", $"translate({Coordinate(x)} {Coordinate(y)})"), content);

    private static (XElement[] Entries, int Rows) Legend(Figure figure, double width)
    {
        var entries = new List<XElement>();
        double x = 0;
        int row = 0;
        foreach (Series series in figure.Drawing!.Legend)
        {
            double needs = Series.SwatchWidth + 6 + series.Name.Length * CharacterWidth + 14;
            if (x > 0 && x + needs > width) (x, row) = (0, row + 1);
            entries.Add(Moved(x, row * LegendHeight, series.Swatch(), Svg.Text("start label", Series.SwatchWidth + 6, 10, series.Name)));
            x += needs;
        }
        return ([.. entries], entries.Count == 0 ? 0 : row + 1);
    }
}
