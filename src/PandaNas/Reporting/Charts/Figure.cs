using System.Collections.Immutable;
using System.Xml.Linq;
using PandaNas.Reporting.Markup;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>A drawing with all that explains it: what it shows, what its colours are, and its figures as a table.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Explanation">How to read it, in a sentence or two.</param>
/// <param name="Data">The figures.</param>
internal sealed record Figure(string Title, string Explanation, DataTable? Data = null)
{
    /// <summary>A chart over two axes.</summary>
    public XElement Of(XyChart chart) => Of(chart.Draw($"{Title}. {Explanation}"), Legend(chart.Series));

    /// <summary>A chart of intervals, whose lines are named beside them.</summary>
    public XElement Of(IntervalChart chart) => Of(chart.Draw($"{Title}. {Explanation}"), null);

    /// <summary>Any drawing.</summary>
    public XElement Of(XElement drawing, XElement? legend = null) => Element("figure",
        Element("figcaption", Element("strong", Title), " ", Explanation),
        legend, Element("div", Class("drawing"), drawing), Data?.Folded("The figures"));

    // One kind needs no legend: the title says what it is.
    private static XElement? Legend(ImmutableArray<Series> series) => series.Length < 2 ? null : Element("ul", Class("legend"),
        series.Select(one => Element("li", Swatch(one), one.Name)));

    private static XElement Swatch(Series series) =>
        Element("svg", new XAttribute("viewBox", "0 0 26 12"), At("width", 26), At("height", 12), new XAttribute("aria-hidden", "true"),
        Element("g", Class(series.Style),
            series.Drawn is Drawn.Line or Drawn.Front ? Svg.Path("line", "M1 6H25") : null,
            series.Drawn is Drawn.Line
                ? null
                : Element("circle", Class(series.Drawn == Drawn.Dots ? "dot" : "ring"), At("cx", 13), At("cy", 6), At("r", 4))));
}
