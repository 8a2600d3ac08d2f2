using System.Text.RegularExpressions;
using System.Xml.Linq;
using PandaNas.Reporting.Markup;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>What a report shows: a drawing or a table, with all that explains it.</summary>
/// <param name="Name">What it is called in files of figures: words in lower case, joined by hyphens; one of a kind in a run.</param>
/// <param name="Title">What it shows.</param>
/// <param name="Explanation">How to read it, in a sentence or two.</param>
/// <param name="Drawing">The drawing; null for a table alone.</param>
/// <param name="Data">Its numbers as a table; null where the drawing has them, or others have.</param>
internal sealed partial record Figure(string Name, string Title, string Explanation, IDrawing? Drawing, DataTable? Data = null)
{
    /// <summary>A table alone.</summary>
    public Figure(string name, string title, string explanation, DataTable data)
        : this(name, title, explanation, null, data)
    {
    }

    /// <summary>What it says to those who do not see it.</summary>
    public string Says => $"{Title}. {Explanation}";

    /// <summary>A name that users chose as part of a figure's name.</summary>
    public static string Slug(string name) => Other().Replace(name.ToLowerInvariant(), "-").Trim('-') is { Length: > 0 } slug ? slug : "x";

    /// <summary>The figure as part of a page.</summary>
    public XElement Draw() => Element("figure", Drawing?.IsWide ?? Data is not { IsNarrow: true } ? Class("full") : null,
        Element("figcaption", Element("strong", Title), " ", Explanation),
        Drawing is null
            ? Data?.Draw()
            : (object?[])
            [
                Drawing.Legend.IsEmpty ? null : Element("ul", Class("legend"),
                    Drawing.Legend.Select(one => Element("li", Swatch(one), one.Name))),
                Element("div", Class("drawing"), Drawing.OnPage(Says)),
                Data?.Folded("The figures"),
            ]);

    private static XElement Swatch(Series series) => Element("svg",
        new XAttribute("viewBox", $"0 0 {Coordinate(Series.SwatchWidth)} {Coordinate(Series.SwatchHeight)}"),
        At("width", Series.SwatchWidth), At("height", Series.SwatchHeight), new XAttribute("aria-hidden", "true"), series.Swatch());

    [GeneratedRegex("[^a-z0-9]+")]
    private static partial Regex Other();
}
