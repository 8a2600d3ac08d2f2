using System.Text;
using System.Text.RegularExpressions;

namespace PandaNas.Tests.Documentation;

/// <summary>docs/troubleshooting.md quotes messages that the program has.</summary>
public sealed partial class TroubleshootingTests
{
    // What the program says, joined where the code breaks a line, with the command line's names of options.
    private static readonly string Program = Joined(
        Directory.EnumerateFiles(RepositoryFile.Path("src"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .Concat(Directory.EnumerateFiles(RepositoryFile.Path("build"), "*.targets", SearchOption.AllDirectories)));

    /// <summary>The headings that are messages.</summary>
    public static TheoryData<string> Messages => [.. File.ReadLines(RepositoryFile.Path("docs", "troubleshooting.md"))
        .Where(line => line.StartsWith("### ", StringComparison.Ordinal))
        .Select(line => line[4..])];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_IsOneOfTheProgram(string heading)
    {
        Match quoted = Quoted().Match(heading);
        Assert.True(quoted.Success, $"a heading is one message in backticks: {heading}");
        string[] parts = [.. quoted.Groups[1].Value.Split('…').Where(part => part.Length > 0)];
        Assert.Contains(parts, part => part.Length >= 12);
        Assert.Matches(string.Join(@".{0,200}?", parts.Select(Regex.Escape)), Program);
    }

    private static string Joined(IEnumerable<string> files)
    {
        var all = new StringBuilder();
        foreach (string file in files) all.Append(Break().Replace(File.ReadAllText(file), "")).Append('\n');
        return Option().Replace(all.ToString(), "--$1");
    }

    [GeneratedRegex("^`([^`]+)`$")]
    private static partial Regex Quoted();

    [GeneratedRegex("\"\\s*\\+ \\$?\"")]
    private static partial Regex Break();

    [GeneratedRegex(@"\{Mention\.Option\(""([a-z-]+)""(?:, ""[^""]*"")?\)\}")]
    private static partial Regex Option();
}
