using System.Globalization;
using System.Text;

namespace PandaNas.Cli.Display;

/// <summary>
/// Text that is safe to print: names of files, classes and keys come from elsewhere, and what they hold of control characters could steer
/// the terminal or feign lines of output. Those are shown as <c>\u001b</c>, line breaks as <c>\n</c>.
/// </summary>
internal static class Printable
{
    /// <summary>A text that stays within a line.</summary>
    public static string Of(string text) => Of(text, lines: false);

    /// <summary>A text of several lines.</summary>
    public static string Lines(string text) => Of(text, lines: true);

    private static string Of(string text, bool lines)
    {
        if (!text.Any(c => IsUnsafe(c, lines))) return text;
        var safe = new StringBuilder(text.Length + 8);
        foreach (char c in text)
            _ = !IsUnsafe(c, lines) ? safe.Append(c)
                : c == '\n' ? safe.Append("\\n")
                : safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
        return safe.ToString();
    }

    // Format characters turn the direction of what follows or hide it.
    private static bool IsUnsafe(char c, bool lines) => char.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.Control => !(lines && c is '\n' or '\r'),
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        _ => false,
    };
}
