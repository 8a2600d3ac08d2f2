using System.Collections.Immutable;
using System.Text;
using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>Lines or dots over two axes, as SVG.</summary>
/// <param name="X">The axis along.</param>
/// <param name="Y">The axis up.</param>
/// <param name="Series">What is drawn, the last on top.</param>
internal sealed record XyChart(Axis X, Axis Y, ImmutableArray<Series> Series) : IDrawing
{
    // Of a drawing that is as legible on a phone as beside another one on a screen.
    private const double Width = 460, Height = 300, Right = 14, Top = 12, Bottom = 46;

    // Left of the drawing: the title and the gaps beside the numbers, and how wide a letter of them is at most.
    private const double LeastLeft = 62, BesideNumbers = 27, Letter = 7.8;

    // More marks have no tooltips, which would make the file large.
    private const int MostTips = 700;

    // Lines of more marks are drawn without dots.
    private const int MostDots = 40;

    /// <summary>Lines across.</summary>
    public ImmutableArray<Rule> Rules { get; init; } = [];

    /// <inheritdoc/>
    public ImmutableArray<Series> Legend => Series.Length < 2 ? [] : Series;

    /// <inheritdoc/>
    public XElement Draw(string says)
    {
        Mark[] all = [.. Series.SelectMany(series => series.Marks)];
        Scale y = Scale.Over(Y, [.. all.Select(mark => mark.Y), .. ValuesOf(vertical: false)], Height - Bottom, Top);
        Scale x = Scale.Over(X, [.. all.Select(mark => mark.X), .. ValuesOf(vertical: true)], LeftOf(y), Width - Right);
        return Svg.Drawing(Width, Height, says,
            Element("g", Class("axes"), AcrossAt(x, y), AlongAt(x), Titles(x)),
            Rules.Select(rule => Draw(rule, x, y)),
            Series.Select(series => Draw(series, x, y)));
    }

    private IEnumerable<double> ValuesOf(bool vertical) => Rules.Where(rule => rule.IsVertical == vertical).Select(rule => rule.Value);

    private static double LeftOf(Scale y) =>
        Math.Max(LeastLeft, BesideNumbers + Letter * y.Ticks().Select(tick => y.Axis.Text(tick, y.High).Length).DefaultIfEmpty().Max());

    private static IEnumerable<XElement> AcrossAt(Scale x, Scale y) => y.Ticks().SelectMany(tick => (XElement[])
    [
        Svg.Line("grid", x.Start, y.At(tick), x.End, y.At(tick)),
        Svg.Text("end", x.Start - 6, y.At(tick) + 4, y.Axis.Text(tick, y.High)),
    ]);

    private static IEnumerable<XElement> AlongAt(Scale x)
    {
        yield return Svg.Line("axis", x.Start, Height - Bottom, x.End, Height - Bottom);
        foreach (double tick in x.Ticks())
        {
            yield return Svg.Line("axis", x.At(tick), Height - Bottom, x.At(tick), Height - Bottom + 4);
            yield return Svg.Text("middle", x.At(tick), Height - Bottom + 18, x.Axis.Text(tick, x.High));
        }
    }

    private IEnumerable<XElement> Titles(Scale x)
    {
        yield return Svg.Text("middle title", (x.Start + x.End) / 2, Height - 8, X.Title);
        double middle = (Top + Height - Bottom) / 2;
        XElement up = Svg.Text("middle title", 0, 0, Y.Title);
        up.Add(new XAttribute("transform", $"translate(13 {Coordinate(middle)}) rotate(-90)"));
        yield return up;
    }

    private static IEnumerable<XElement> Draw(Rule rule, Scale x, Scale y)
    {
        if (rule.IsVertical)
        {
            double at = x.At(rule.Value);
            yield return Svg.Line("rule", at, Top, at, Height - Bottom);
            bool isRight = at > Width / 2;
            yield return Svg.Text(isRight ? "end rule" : "start rule", at + (isRight ? -5 : 5), Height - Bottom - 6, rule.Name);
        }
        else
        {
            double at = y.At(rule.Value);
            yield return Svg.Line("rule", x.Start, at, x.End, at);
            yield return Svg.Text("end rule", x.End - 2, at - 5, rule.Name);
        }
    }

    private XElement Draw(Series series, Scale x, Scale y)
    {
        bool hasLine = series.Drawn is Drawn.Line or Drawn.Front;
        var group = Element("g", Class(series.Style), hasLine ? LineThrough(series, x, y) : null);
        bool isCrowded = series.Marks.Length > MostTips && series.Drawn != Drawn.Rings;
        if (series.Drawn == Drawn.Line && series.Marks.Length > MostDots && !isCrowded) AddDots(2.5, "hidden dot");
        else if (isCrowded && !hasLine) group.Add(Cloud(series, x, y));
        else if (!isCrowded)
            AddDots(series.Drawn is Drawn.Rings or Drawn.Front ? 4.5 : 3, series.Drawn is Drawn.Rings or Drawn.Front ? "ring" : "dot");
        return group;

        void AddDots(double radius, string style)
        {
            foreach (Mark mark in series.Marks)
                group.Add(Element(
                    "circle", Class(style), At("cx", x.At(mark.X)), At("cy", y.At(mark.Y)), At("r", radius),
                    Element("title", Tip(series, mark))));
        }
    }

    private string Tip(Series series, Mark mark) => $"{mark.Name ?? series.Name}\n{X.Title}: {X.Text(mark.X)}\n{Y.Title}: {Y.Text(mark.Y)}";

    private static XElement LineThrough(Series series, Scale x, Scale y)
    {
        var path = new StringBuilder();
        foreach (Mark mark in series.Marks)
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Coordinate(x.At(mark.X))).Append(' ').Append(Coordinate(y.At(mark.Y)));
        return Element("path", Class("line"), new XAttribute("d", path.ToString()));
    }

    // One path of strokes without length, whose round ends are the dots: a tenth of the size of as many circles.
    private static XElement Cloud(Series series, Scale x, Scale y)
    {
        var path = new StringBuilder();
        IEnumerable<(double, double)> points = series.Marks.Select(mark => (Math.Round(x.At(mark.X), 1), Math.Round(y.At(mark.Y), 1)));
        foreach ((double along, double up) in points.Distinct())
            path.Append('M').Append(Coordinate(along)).Append(' ').Append(Coordinate(up)).Append("h0");
        return Element("path", Class("cloud"), new XAttribute("d", path.ToString()));
    }
}
