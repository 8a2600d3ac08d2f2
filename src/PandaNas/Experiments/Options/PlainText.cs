using System.Text;

namespace PandaNas.Experiments.Options;

/// <summary>Text in lines that fit a terminal.</summary>
internal static class PlainText
{
    /// <summary>Columns of a line, the same on a terminal and in a file.</summary>
    public const int Width = 80;

    /// <summary>So many of something, for example <c>1 epoch</c> or <c>1,000 epochs</c>.</summary>
    /// <param name="count">How many.</param>
    /// <param name="noun">What, in the singular.</param>
    public static string Count(int count, string noun) => FormattableString.Invariant($"{count:N0} {noun}{(count == 1 ? "" : "s")}");

    /// <summary>Breaks a text at spaces; a word longer than a line stands alone.</summary>
    /// <param name="text">One paragraph.</param>
    /// <param name="indent">Spaces before every line but the first.</param>
    /// <returns>The lines, joined by line feeds.</returns>
    public static string Wrap(string text, int indent = 0)
    {
        var lines = new StringBuilder();
        int column = 0;
        foreach (string word in text.Split(' '))
        {
            bool first = lines.Length == 0;
            if (!first && column + 1 + word.Length > Width)
            {
                lines.Append('\n').Append(' ', indent);
                column = indent;
                first = true;
            }
            lines.Append(first ? "" : " ").Append(word);
            column += (first ? 0 : 1) + word.Length;
        }
        return lines.ToString();
    }
}
