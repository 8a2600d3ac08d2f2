using System.Xml.Linq;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Charts;

/// <summary>Parts of drawings.</summary>
internal static class Svg
{
    /// <summary>A drawing.</summary>
    /// <param name="width">In its own pixels.</param>
    /// <param name="height">In its own pixels.</param>
    /// <param name="says">What it shows, for those who do not see it.</param>
    /// <param name="content">Its parts.</param>
    public static XElement Drawing(double width, double height, string says, params object?[] content) => Element(
        "svg", new XAttribute("viewBox", $"0 0 {Coordinate(width)} {Coordinate(height)}"), new XAttribute("role", "img"),
        At("width", width), At("height", height), new XAttribute("aria-label", says), content);

    /// <summary>A straight line.</summary>
    public static XElement Line(string style, double x1, double y1, double x2, double y2) =>
        Element("line", Class(style), At("x1", x1), At("y1", y1), At("x2", x2), At("y2", y2));

    /// <summary>A text; its style says which end stands at the point: start, middle or end.</summary>
    public static XElement Text(string style, double x, double y, string text) =>
        Element("text", Class(style), At("x", x), At("y", y), text);

    /// <summary>A box with round corners.</summary>
    public static XElement Box(string style, double x, double y, double width, double height) =>
        Element("rect", Class(style), At("x", x), At("y", y), At("width", width), At("height", height), At("rx", 5));

    /// <summary>A path.</summary>
    public static XElement Path(string style, string path) => Element("path", Class(style), new XAttribute("d", path));

    /// <summary>A square picture, given as the address of its data; its pixels are seen where it is enlarged.</summary>
    public static XElement Picture(double x, double y, double size, string picture) =>
        Element("image", At("x", x), At("y", y), At("width", size), At("height", size), new XAttribute("href", picture),
            new XAttribute("image-rendering", "pixelated"));

    /// <summary>A text that fits into so many pixels, cut where it does not.</summary>
    public static string Fit(string text, double width)
    {
        const double WidthOfCharacter = 6.6;
        int most = Math.Max(2, (int)(width / WidthOfCharacter));
        return text.Length <= most ? text : string.Concat(text.AsSpan(0, most - 1), "…");
    }
}
