using System.Globalization;
using System.Xml.Linq;

namespace PandaNas.Reporting.Markup;

/// <summary>Short names for the elements that pages are made of.</summary>
internal static class Elements
{
    /// <summary>An element.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="content">Texts, elements, attributes, sequences of those; null is nothing.</param>
    public static XElement Element(string name, params object?[] content) => new(name, content);

    /// <summary>The class by which the style sheet knows an element.</summary>
    public static XAttribute Class(string names) => new("class", names);

    /// <summary>A paragraph.</summary>
    public static XElement Paragraph(params object?[] content) => new("p", content);

    /// <summary>A name, path, architecture or command as it is typed.</summary>
    public static XElement Code(string text) => new("code", text);

    /// <summary>An attribute whose value is a coordinate or a length.</summary>
    public static XAttribute At(string name, double value) => new(name, Coordinate(value));

    /// <summary>A number of pixels, as short as two digits after the point allow.</summary>
    public static string Coordinate(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);
}
