using System.Security.Cryptography;
using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace PandaNas.Reporting.Markup;

/// <summary>
/// A page as one file of HTML. Pages are trees of elements and texts, and this is the only place where they become markup: no text can
/// become an element, and control characters are written out (<see cref="Printable"/>). The file is XML too, so that any XML parser reads
/// it back.
/// </summary>
internal static class HtmlFile
{
    // The only elements of HTML that may stand without an end tag.
    private static readonly HashSet<string> Void = new(StringComparer.Ordinal) { "meta", "br", "hr", "img" };

    // Elements of SVG that are always empty here.
    private static readonly HashSet<string> Leaves = new(StringComparer.Ordinal) { "path", "line", "rect", "circle", "image" };

    /// <summary>The text of a file.</summary>
    /// <param name="title">The page's title.</param>
    /// <param name="style">Its style sheet, without any of the characters &lt;, &gt; and &amp;.</param>
    /// <param name="body">What it shows.</param>
    public static string Of(string title, string style, params object?[] body)
    {
        if (style.AsSpan().ContainsAny('<', '>', '&'))
            throw new ArgumentException("a style sheet with a character that means markup", nameof(style));
        style = style.ReplaceLineEndings("\n");
        // Nothing is fetched, nothing is run, and no style is applied but this one.
        string hash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(style)));
        var page = new XElement("html", new XAttribute("lang", "en"),
            new XElement("head",
                new XElement("meta", new XAttribute("charset", "utf-8")),
                Meta(
                    "http-equiv", "Content-Security-Policy",
                    $"default-src 'none'; style-src 'sha256-{hash}'; img-src data:; base-uri 'none'; form-action 'none'"),
                Meta("name", "viewport", "width=device-width, initial-scale=1"),
                Meta("name", "color-scheme", "light dark"),
                Meta("name", "referrer", "no-referrer"),
                new XElement("title", title),
                new XElement("style", style)),
            new XElement("body", body));
        MakePlain(page);
        var text = new StringBuilder("<!DOCTYPE html>\n");
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None };
        using (var writer = XmlWriter.Create(text, settings)) page.Save(writer);
        return text.Append('\n').ToString();
    }

    private static XElement Meta(string key, string value, string content) =>
        new("meta", new XAttribute(key, value), new XAttribute("content", content));

    /// <summary>Writes out control characters in all texts and attributes, and gives elements of HTML their end tags.</summary>
    public static void MakePlain(XElement page)
    {
        foreach (XElement element in page.DescendantsAndSelf().ToArray())
        {
            foreach (XAttribute attribute in element.Attributes())
                if (Printable.Lines(attribute.Value) is { } plain && plain != attribute.Value) attribute.Value = plain;
            foreach (XText text in element.Nodes().OfType<XText>())
                if (Printable.Lines(text.Value) is { } plain && plain != text.Value) text.Value = plain;
            if (element.IsEmpty && !Void.Contains(element.Name.LocalName) && !Leaves.Contains(element.Name.LocalName)) element.Value = "";
        }
    }
}
