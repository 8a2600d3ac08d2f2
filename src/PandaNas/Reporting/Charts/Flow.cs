using System.Collections.Immutable;
using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>A box of a <see cref="Flow"/>.</summary>
/// <param name="Title">Its first line.</param>
/// <param name="Lines">The others.</param>
/// <param name="IsChosen">Whether it has a thick rim.</param>
/// <param name="Picture">A picture above the lines, as the address of its data; null for none.</param>
internal sealed record FlowBox(string Title, ImmutableArray<string> Lines, bool IsChosen = false, string? Picture = null);

/// <summary>Boxes one after the other, in as many rows as the width asks for.</summary>
/// <param name="Boxes">The boxes.</param>
/// <param name="IsChain">Whether arrows lead from each to the next.</param>
internal sealed record Flow(ImmutableArray<FlowBox> Boxes, bool IsChain) : IDrawing
{
    private const double Width = 940, Gap = 10, ArrowGap = 28, Padding = 10, LineHeight = 17, CharacterWidth = 7.4;

    /// <summary>How wide and high a picture is shown.</summary>
    public const double PictureSize = 96;

    /// <inheritdoc/>
    public bool IsWide => true;

    /// <inheritdoc/>
    public XElement OnPage(string says) => Element("ol", Class(IsChain ? "flow chain" : "flow"), Boxes.Select(box =>
        Element("li", box.IsChosen ? Class("chosen") : null,
            box.Picture is { } picture
                ? Element("img", new XAttribute("src", picture), At("width", PictureSize), At("height", PictureSize),
                    new XAttribute("alt", $"{box.Title}, {string.Join(", ", box.Lines)}"))
                : null,
            Element("b", box.Title), box.Lines.Select(line => Element("span", line)))));

    /// <inheritdoc/>
    public XElement Draw(string says)
    {
        var parts = new List<XElement>();
        double gap = IsChain ? ArrowGap : Gap, x = 0, y = 1, rowHeight = 0;
        foreach (FlowBox box in Boxes)
        {
            double width = WidthOf(box), height = HeightOf(box);
            if (x > 0 && x + width > Width)
            {
                (x, y) = (0, y + rowHeight + Gap);
                rowHeight = 0;
            }
            if (IsChain && x > 0) parts.Add(Svg.Text("middle", x - ArrowGap / 2, y + height / 2 + 4, "→"));
            parts.Add(Draw(box, x, y, width, height));
            x += width + gap;
            rowHeight = Math.Max(rowHeight, height);
        }
        return Svg.Drawing(Width, y + rowHeight + 1, says, parts);
    }

    private static double WidthOf(FlowBox box) => Math.Min(Width, 2 * Padding + Math.Max(
        box.Picture is null ? 70 : PictureSize, box.Lines.Append(box.Title).Max(line => line.Length) * CharacterWidth));

    private static double HeightOf(FlowBox box) =>
        2 * Padding + (1 + box.Lines.Length) * LineHeight + (box.Picture is null ? 0 : PictureSize + 6) - 4;

    private static XElement Draw(FlowBox box, double x, double y, double width, double height)
    {
        double top = y + Padding + (box.Picture is null ? 0 : PictureSize + 6), left = x + Padding;
        return Element("g", box.IsChosen ? Class("chosen") : null,
            Svg.Box("card", x + 1, y, width - 2, height),
            box.Picture is { } picture ? Svg.Picture(left, y + Padding, PictureSize, picture) : null,
            Svg.Text("start strong", left, top + 10, box.Title),
            box.Lines.Select((line, i) => Svg.Text("start", left, top + 10 + (i + 1) * LineHeight, line)));
    }
}
