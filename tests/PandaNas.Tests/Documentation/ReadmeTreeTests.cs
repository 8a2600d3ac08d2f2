using System.Text.RegularExpressions;

namespace PandaNas.Tests.Documentation;

/// <summary>The tree in README.md is the tree on disk.</summary>
public sealed partial class ReadmeTreeTests
{
    private const string Library = "src/PandaNas/";

    // The lines below the library's own, which are indented: a folder and what is in it, where some of its folders may be named.
    private static readonly string[] Tree =
    [
        .. File.ReadLines(RepositoryFile.Path("README.md"))
            .SkipWhile(line => line != Library)
            .Skip(1)
            .TakeWhile(line => line.StartsWith(' '))
    ];

    [Fact]
    public void FoldersOfTheLibrary_AreThoseOfTheTree()
    {
        IEnumerable<string> named = Tree
            .Select(line => FirstLevel().Match(line))
            .Where(match => match.Success)
            .Select(match => match.Groups[1].Value);
        IEnumerable<string> present = Directory.EnumerateDirectories(RepositoryFile.Path(Library))
            .Select(folder => Path.GetFileName(folder))
            .Where(name => name is not ("bin" or "obj"));
        Assert.Equal(present.Order(), named.Order());
    }

    [Fact]
    public void FoldersWithinFolders_AreOnDisk()
    {
        string parent = "";
        var named = new List<string>();
        foreach (string line in Tree)
        {
            Match first = FirstLevel().Match(line);
            if (first.Success) parent = first.Groups[1].Value;
            named.AddRange(SecondLevel().Matches(line[first.Length..]).Select(match => Path.Combine(parent, match.Groups[1].Value)));
        }
        Assert.NotEmpty(named);
        Assert.All(named, folder => Assert.True(Directory.Exists(RepositoryFile.Path(Library, folder)), $"README names {folder}"));
    }

    // Of the ways that a path probability and an image take.
    [Fact]
    public void FilesOnTheWay_AreOnDisk()
    {
        string[] named =
        [
            .. File.ReadLines(RepositoryFile.Path("README.md"))
                .SkipWhile(line => !line.StartsWith("- A path probability", StringComparison.Ordinal))
                .TakeWhile(line => line.Length > 0)
                .SelectMany(line => OnTheWay().Matches(line), (_, match) => match.Groups[1].Value),
        ];
        Assert.True(named.Length > 10, $"found {named.Length}");
        Assert.All(named, place => Assert.True(Path.Exists(RepositoryFile.Path(Library, place)), $"README names {place}"));
    }

    [GeneratedRegex(@"^  (\w+)/")]
    private static partial Regex FirstLevel();

    [GeneratedRegex(@"\b([A-Z]\w*)/")]
    private static partial Regex SecondLevel();

    [GeneratedRegex(@"`(\w+/[\w./]+)`")]
    private static partial Regex OnTheWay();
}
