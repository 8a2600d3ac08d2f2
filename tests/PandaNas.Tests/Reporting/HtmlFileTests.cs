using System.Xml.Linq;
using PandaNas.Reporting.Markup;
using PandaNas.Reporting.Pages;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Tests.Reporting;

/// <summary>No text becomes markup, and the page loads nothing.</summary>
public sealed class HtmlFileTests
{
    [Theory]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")]
    [InlineData("\" onload=\"x", "\" onload=\"x")]
    [InlineData("a & b &lt; c", "a & b &lt; c")]
    [InlineData("\u001b[31m\u202Ered\0", "\\u001b[31m\\u202ered\\u0000")]
    [InlineData("pair \U0001F43C", "pair \U0001F43C")]
    public void TextStaysText(string text, string shown)
    {
        string html = HtmlFile.Of(
            text, StyleSheet.Text, Element("p", new XAttribute("title", text), text), new DataTable(["name"], [[text]]).Draw());

        var page = XDocument.Parse(html);
        Assert.Equal(shown, page.Root!.Element("head")!.Element("title")!.Value);
        Assert.Equal(shown, page.Descendants("p").Single().Value);
        Assert.Equal(shown, page.Descendants("p").Single().Attribute("title")!.Value);
        Assert.Equal(shown, page.Descendants("td").Single().Value);
        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
    }

    // Not as data of the test above: there it would be no such half any more.
    [Fact]
    public void HalfOfAPairIsWrittenOut() => TextStaysText("lone \uD800 half", "lone \\ud800 half");

    // Browsers take <p/> for the beginning of a paragraph.
    [Fact]
    public void EmptyElementsOfHtmlHaveTheirEnd() =>
        Assert.Contains(
            "<p></p><div class=\"a\"></div>", HtmlFile.Of("title", "", Element("p"), Element("div", Class("a"))), StringComparison.Ordinal);

    [Fact]
    public void StyleSheetIsTheOneThatThePolicyAllows()
    {
        string html = HtmlFile.Of("title", StyleSheet.Text);

        string style = XDocument.Parse(html).Descendants("style").Single().Value;
        string hash = Convert.ToBase64String(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(style)));
        Assert.Contains($"default-src 'none'; style-src 'sha256-{hash}'", html, StringComparison.Ordinal);
        // What a browser reads there is the text itself, without entities.
        Assert.Contains($"<style>{style}</style>", html, StringComparison.Ordinal);
        Assert.Contains("prefers-color-scheme: dark", style, StringComparison.Ordinal);
        Assert.DoesNotContain("url(", style, StringComparison.Ordinal);
    }
}
