using System.Text.RegularExpressions;

namespace PandaNas.Tests.Documentation;

/// <summary>Links between the README and docs/ lead to files.</summary>
public sealed partial class LinkTests
{
    [Fact]
    public void RelativeLinks_LeadToFiles()
    {
        string[] pages =
            [RepositoryFile.Path("README.md"), .. Directory.GetFiles(RepositoryFile.Path("docs"), "*.md", SearchOption.AllDirectories)];
        (string Page, string Target)[] links = [.. from page in pages
            from Match link in Link().Matches(File.ReadAllText(page))
            select (page, link.Groups[1].Value)];
        Assert.True(links.Length > pages.Length);
        Assert.All(links, link => Assert.True(
            Path.Exists(Path.Combine(Path.GetDirectoryName(link.Page)!, link.Target)), $"{link.Page} links to {link.Target}"));
    }

    [GeneratedRegex(@"\]\((?!\w+:|#)([^)#\s]+)")]
    private static partial Regex Link();
}
