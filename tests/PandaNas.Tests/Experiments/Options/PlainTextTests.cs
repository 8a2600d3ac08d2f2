using PandaNas.Experiments.Options;

namespace PandaNas.Tests.Experiments.Options;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("short", 0, "short")]
    [InlineData("", 0, "")]
    public void Wrap_LeavesWhatFits(string text, int indent, string wrapped) => Assert.Equal(wrapped, PlainText.Wrap(text, indent));

    [Fact]
    public void Wrap_FillsLines_AndKeepsEveryWord()
    {
        string text = string.Join(' ', Enumerable.Range(0, 60).Select(i => new string('x', i % 9 + 1)));
        string[] lines = PlainText.Wrap(text, 2).Split('\n');
        Assert.All(lines, line => Assert.InRange(line.Length, 1, PlainText.Width));
        Assert.All(lines.Skip(1), line => Assert.Equal("  ", line[..2]));
        Assert.All(
            lines.SkipLast(1).Zip(lines.Skip(1)),
            pair => Assert.True(pair.First.Length + 1 + pair.Second.TrimStart().Split(' ')[0].Length > PlainText.Width));
        Assert.Equal(text, string.Join(' ', lines.Select(line => line.Trim())));
    }

    [Fact]
    public void Wrap_NeverBreaksAWord()
    {
        string path = "/" + new string('p', 100);
        Assert.Equal($"in\n{path}\nlies it", PlainText.Wrap($"in {path} lies it"));
    }
}
