using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>How many images of every class were taken for every class, as SVG: the darker, the larger the share of the class.</summary>
/// <param name="Classes">The names of the classes.</param>
/// <param name="Counts">The images by true class and by the class that they were taken for.</param>
internal sealed record ConfusionChart(ImmutableArray<string> Classes, int[,] Counts) : IDrawing
{
    /// <summary>More classes than these have no legible chart.</summary>
    public const int MostClasses = 30;

    private const double Cell = 30, Left = 118, Top = 2, Bottom = 110, Right = 14, LabelWidth = 84;

    // Letters on the darkest cell still have the contrast that the eye needs, in light and dark.
    private const double Darkest = 0.5;

    /// <inheritdoc/>
    public bool IsWide => Width > 470;

    private double Width => Left + Classes.Length * Cell + Right;

    /// <inheritdoc/>
    public XElement OnPage(string says) => IsWide ? Element("div", Class("wide"), new XAttribute("tabindex", "0"), Draw(says)) : Draw(says);

    /// <inheritdoc/>
    public XElement Draw(string says)
    {
        double foot = Top + Classes.Length * Cell, middle = Classes.Length * Cell / 2;
        return Svg.Drawing(Width, foot + Bottom, says,
            Turned("middle title", 14, Top + middle, "true class"),
            Svg.Text("middle title", Left + middle, foot + Bottom - 6, "taken for"),
            Classes.Select((name, i) => (XElement[])
            [
                Svg.Text("end label", Left - 8, Top + (i + 0.5) * Cell + 4, Svg.Fit(name, LabelWidth)),
                Turned("end label", Left + (i + 0.5) * Cell + 4, foot + 8, Svg.Fit(name, LabelWidth)),
            ]),
            from truth in Enumerable.Range(0, Classes.Length)
            from taken in Enumerable.Range(0, Classes.Length)
            select Draw(truth, taken));
    }

    private static XElement Turned(string style, double x, double y, string text)
    {
        XElement turned = Svg.Text(style, 0, 0, text);
        turned.Add(new XAttribute("transform", $"translate({Coordinate(x)} {Coordinate(y)}) rotate(-90)"));
        return turned;
    }

    private XElement Draw(int truth, int taken)
    {
        int all = Enumerable.Range(0, Classes.Length).Sum(other => Counts[truth, other]), count = Counts[truth, taken];
        double share = all == 0 ? 0 : count / (double)all, x = Left + taken * Cell, y = Top + truth * Cell;
        string percent = Math.Round(100 * share).ToString(CultureInfo.InvariantCulture);
        return Element("g",
            Element("title", $"{Classes[truth]} taken for {Classes[taken]}: {count} of {all} images"),
            Element("rect", Class("grid"), At("x", x), At("y", y), At("width", Cell), At("height", Cell), new XAttribute("fill", "none")),
            count == 0
                ? null
                : Element("rect", Class("cell"), At("x", x + 0.5), At("y", y + 0.5), At("width", Cell - 1), At("height", Cell - 1),
                    At("fill-opacity", Darkest * share)),
            count == 0 ? null : Svg.Text("middle count", x + Cell / 2, y + Cell / 2 + 4, percent));
    }
}
