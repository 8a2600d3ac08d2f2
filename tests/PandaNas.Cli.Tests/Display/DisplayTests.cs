using PandaNas.Cli.Display;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Spaces;

namespace PandaNas.Cli.Tests.Display;

public sealed class DisplayTests
{
    [Theory]
    [InlineData("nasbench201")]
    [InlineData("darts")]
    [InlineData("proxylessnas")]
    public void AnArchitectureInSeveralLinesFitsAndIsReadAgain(string name)
    {
        SearchSpace space = Catalog.Default.FindSpace(name).Family.Space;
        Architecture architecture = space.At(space.Size - 1);
        string[] lines = ArchitectureTable.Wrap(space.Format(architecture), 6).Split('\n');
        Assert.InRange(lines.Length, 2, 10);
        Assert.All(lines.Skip(1), line => Assert.InRange(line.Length, 7, PlainText.Width));
        Assert.InRange(lines[0].Length, 1, PlainText.Width - 6);
        Assert.Equal(architecture, ArchitectureSelection.Parse(space, string.Join('\n', lines)));
    }

    [Fact]
    public void ATableFitsTheTerminalAndKeepsNumbersWhole()
    {
        using var writer = new StringWriter();
        TextTable.Print(writer, ["name", ">number"], [[string.Join(' ', Enumerable.Repeat("words", 40)), "1,234,567"]]);
        string[] lines = writer.ToString().Split(Environment.NewLine);
        Assert.All(lines, line => Assert.True(line.Length <= PlainText.Width && line.Length == line.TrimEnd().Length, line));
        Assert.Contains("1,234,567", writer.ToString(), StringComparison.Ordinal);
        Assert.Equal(40, writer.ToString().Split("words").Length - 1);
    }

    [Theory]
    [InlineData("runs/mine", "runs/mine")]
    [InlineData("", "''")]
    [InlineData("my runs", "'my runs'")]
    [InlineData("it's", @"'it'\''s'")]
    [InlineData("|none~0|", "'|none~0|'")]
    public void ArgumentsAreQuotedForAShell(string argument, string quoted)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "another shell");
        Assert.Equal($"panda search {quoted}", CommandText.Of("search", argument));
    }
}
