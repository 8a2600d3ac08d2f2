using System.Collections.Immutable;
using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Markup;

/// <summary>Figures as a table.</summary>
/// <param name="Headings">One a column; those that begin with &gt; are of numbers, which align right.</param>
/// <param name="Rows">The cells of every row.</param>
internal sealed record DataTable(ImmutableArray<string> Headings, ImmutableArray<ImmutableArray<string>> Rows)
{
    private const char Right = '>';

    // Longer texts break into lines, which should not be a letter wide.
    private const int Long = 24;

    /// <summary>Whether half a page is wide enough: few columns, of numbers alone.</summary>
    public bool IsNarrow => Headings.Length <= 6 && Headings.All(heading => heading.StartsWith(Right));

    /// <summary>The table, in a box that scrolls by itself where it is too wide.</summary>
    public XElement Draw() => Element("div", Class("scroll"), new XAttribute("tabindex", "0"), Element("table",
        Element("thead", Element("tr", Headings.Select(Heading))),
        Element("tbody", Rows.Select(row => Element("tr", row.Select(Cell))))));

    /// <summary>The table, closed until somebody opens it.</summary>
    /// <param name="summary">What is shown while it is closed.</param>
    public XElement Folded(string summary) => Element("details", Element("summary", summary), Draw());

    private XElement Heading(string heading, int column) =>
        Element("th", new XAttribute("scope", "col"), OfColumn(column), heading.TrimStart(Right));

    private XElement Cell(string text, int column) =>
        Element("td", OfColumn(column) ?? (text.Length > Long ? Class("long") : null), text);

    private XAttribute? OfColumn(int column) => Headings[column].StartsWith(Right) ? Class("number") : null;
}
