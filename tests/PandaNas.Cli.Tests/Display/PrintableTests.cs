using PandaNas.Messages;

namespace PandaNas.Cli.Tests.Display;

/// <summary>Nothing that a file says reaches the terminal as a command to it.</summary>
[Collection(PandaCollection.Name)]
public sealed class PrintableTests : IDisposable
{
    // One pixel as PNG.
    private const string Pixel = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("plain ä 漢 😀", "plain ä 漢 😀")]
    [InlineData("\u001b[2J", "\\u001b[2J")]
    [InlineData("a\nb\tc\r", "a\\nb\\u0009c\\u000d")]
    [InlineData("\u009b31m\u007f", "\\u009b31m\\u007f")]
    [InlineData("x\u202ey\u200bz\u2028", "x\\u202ey\\u200bz\\u2028")]
    public void ControlCharacters_AreShownEscaped(string text, string shown) => Assert.Equal(shown, Printable.Of(text));

    [Fact]
    public void EscapesInClassNames_AreNotPrinted()
    {
        string evil = "3\u001b]0;owned\u0007\u202e";
        foreach (string part in (string[])["train", "test"])
        {
            Directory.CreateDirectory(_folder["images", part, evil]);
            File.WriteAllBytes(_folder["images", part, evil, "1.png"], Convert.FromBase64String(Pixel));
        }
        Outcome outcome = Panda.Run("data", "inspect", $"images:{_folder["images"]}", "--cache", _folder["cache"]);
        Assert.Equal(0, outcome.Code);
        Assert.DoesNotContain('\u001b', outcome.Output);
        Assert.DoesNotContain('\u202e', outcome.Output);
        Assert.Contains("\\u001b]0;owned\\u0007\\u202e", outcome.Output, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();
}
