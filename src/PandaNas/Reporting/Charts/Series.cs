using System.Collections.Immutable;
using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>How a series is drawn.</summary>
internal enum Drawn
{
    /// <summary>A line through its marks, which are drawn too where they are few.</summary>
    Line,

    /// <summary>A dot each, with a tooltip where they are few.</summary>
    Dots,

    /// <summary>Larger dots with rims, always with tooltips.</summary>
    Rings,

    /// <summary>Rings with a line through them.</summary>
    Front,
}

/// <summary>A point of a chart.</summary>
/// <param name="X">Along.</param>
/// <param name="Y">Up.</param>
/// <param name="Name">What it is, for the tooltip; null where its numbers say enough.</param>
internal readonly record struct Mark(double X, double Y, string? Name = null);

/// <summary>Points of one kind.</summary>
/// <param name="Name">Their kind, for the legend.</param>
/// <param name="Marks">The points; of lines in order.</param>
/// <param name="Drawn">How they are drawn.</param>
/// <param name="Color">The number of its colour, from 0: see the style sheet.</param>
internal sealed record Series(string Name, ImmutableArray<Mark> Marks, Drawn Drawn, int Color)
{
    /// <summary>How many colours there are.</summary>
    public const int Colors = 8;

    /// <summary>The size of a swatch.</summary>
    public const double SwatchWidth = 26, SwatchHeight = 12;

    /// <summary>The class of the style sheet that gives colour, and of lines the dashes: no two lines differ by colour alone.</summary>
    public string Style => $"s{Color % Colors}";

    /// <summary>A sample of how it is drawn, for a legend.</summary>
    public XElement Swatch() => Element("g", Class(Style),
        Drawn is Drawn.Line or Drawn.Front ? Svg.Path("line", "M1 6H25") : null,
        Drawn is Drawn.Line
            ? null
            : Element("circle", Class(Drawn == Drawn.Dots ? "dot" : "ring"), At("cx", 13), At("cy", 6), At("r", 4)));
}

/// <summary>A straight line across a chart, for example a limit.</summary>
/// <param name="Value">Where.</param>
/// <param name="Name">What it says.</param>
/// <param name="IsVertical">Whether it stands at a value of the horizontal axis.</param>
internal readonly record struct Rule(double Value, string Name, bool IsVertical = false);
