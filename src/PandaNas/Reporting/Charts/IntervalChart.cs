using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using PandaNas.Statistics;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>A line of an <see cref="IntervalChart"/>.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">Its value; null where it is not defined.</param>
/// <param name="Interval">Its 95% interval; null where there is none.</param>
/// <param name="Color">The number of its colour, from 0.</param>
internal sealed record IntervalRow(string Name, double? Value, Interval? Interval, int Color = 0);

/// <summary>Values with their intervals, one below the other, as SVG.</summary>
/// <param name="Axis">The axis of the values.</param>
/// <param name="Rows">The lines, from the top.</param>
/// <param name="Reference">A value to compare with; null for none.</param>
internal sealed record IntervalChart(Axis Axis, ImmutableArray<IntervalRow> Rows, double? Reference = null) : IDrawing
{
    private const double Width = 460, Left = 150, Right = 64, Top = 8, RowHeight = 28, Bottom = 46;

    /// <inheritdoc/>
    public XElement Draw(string says)
    {
        double height = Top + Rows.Length * RowHeight + Bottom, foot = height - Bottom;
        Scale scale = Scale.Over(Axis, Values(), Left, Width - Right);
        return Svg.Drawing(Width, height, says,
            Element("g", Class("axes"),
                scale.Ticks().SelectMany(tick => (XElement[])
                [
                    Svg.Line("grid", scale.At(tick), Top, scale.At(tick), foot), Svg.Text(
                        "middle", scale.At(tick), foot + 18, Axis.Text(tick)),
                ]),
                Svg.Text("middle title", (Left + Width - Right) / 2, height - 8, Axis.Title)),
            Reference is { } reference ? Svg.Line("rule", scale.At(reference), Top, scale.At(reference), foot) : null,
            Rows.Select((row, i) => Draw(row, Top + (i + 0.5) * RowHeight, scale)));
    }

    private IEnumerable<double> Values() => Rows.SelectMany(row => (double?[])[row.Value, row.Interval?.Lower, row.Interval?.Upper])
        .Append(Reference).OfType<double>();

    private XElement Draw(IntervalRow row, double y, Scale scale)
    {
        string value = row.Value is { } known ? Axis.Text(Short(known)) : "undefined";
        string range = row.Interval is { } ends ? $", 95% interval {Axis.Text(Short(ends.Lower))} to {Axis.Text(Short(ends.Upper))}" : "";
        return Element("g", Class($"s{row.Color % Series.Colors}"),
            Element("title", $"{row.Name}: {value}{range}"),
            Svg.Text("end label", Left - 8, y + 4, Svg.Fit(row.Name, Left - 12)),
            row.Interval is { } interval ? Whisker(interval, y, scale) : null,
            row.Value is { } at ? Element("circle", Class("dot"), At("cx", scale.At(at)), At("cy", y), At("r", 4.5)) : null,
            Svg.Text("start label", Width - Right + 8, y + 4, value));
    }

    private static IEnumerable<XElement> Whisker(Interval interval, double y, Scale scale)
    {
        (double low, double high) = (scale.At(interval.Lower), scale.At(interval.Upper));
        yield return Svg.Line("whisker", low, y, high, y);
        yield return Svg.Line("whisker", low, y - 4, low, y + 4);
        yield return Svg.Line("whisker", high, y - 4, high, y + 4);
    }

    // Three digits that count: the table beside it has them all.
    private static double Short(double value) =>
        double.Parse(value.ToString("G3", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
