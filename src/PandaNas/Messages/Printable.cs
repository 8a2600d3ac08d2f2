using System.Globalization;
using System.Text;

namespace PandaNas.Messages;

/// <summary>
/// Text that is safe to print and to show: names of files, classes and keys come from elsewhere, and what they hold of control characters
/// could steer the terminal or feign lines of output. Those are shown as <c>\u001b</c>, line breaks as <c>\n</c>; halves of a pair that are
/// no character alone likewise.
/// </summary>
internal static class Printable
{
    /// <summary>A text that stays within a line.</summary>
    public static string Of(string text) => Of(text, lines: false);

    /// <summary>A text of several lines.</summary>
    public static string Lines(string text) => Of(text, lines: true);

    private static string Of(string text, bool lines)
    {
        int first = 0;
        while (first < text.Length && !IsUnsafe(text, first, lines)) first++;
        if (first == text.Length) return text;
        var safe = new StringBuilder(text, 0, first, text.Length + 8);
        for (int at = first; at < text.Length; at++)
            _ = !IsUnsafe(text, at, lines) ? safe.Append(text[at])
                : text[at] == '\n' ? safe.Append("\\n")
                : safe.Append(CultureInfo.InvariantCulture, $"\\u{(int)text[at]:x4}");
        return safe.ToString();
    }

    // Format characters turn the direction of what follows or hide it.
    private static bool IsUnsafe(string text, int at, bool lines) => char.GetUnicodeCategory(text[at]) switch
    {
        UnicodeCategory.Control => !(lines && text[at] is '\n' or '\r'),
        UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Surrogate => char.IsHighSurrogate(text[at])
            ? !(at + 1 < text.Length && char.IsLowSurrogate(text[at + 1]))
            : !(at > 0 && char.IsHighSurrogate(text[at - 1])),
        _ => text[at] is '\uFFFE' or '\uFFFF',
    };
}
