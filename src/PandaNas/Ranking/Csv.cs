using System.Text;

namespace PandaNas.Ranking;

/// <summary>Cells and lines of CSV files (RFC 4180, without line breaks inside quotes).</summary>
internal static class Csv
{
    /// <summary>The text as a cell: in quotes where it holds a comma or a quote, as DARTS genotypes do, or a line break.</summary>
    public static string Cell(string text) =>
        text.AsSpan().ContainsAny(",\"\r\n") ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;

    /// <summary>The cells, trimmed and without their quotes; null when a quote is not closed or text follows a closing quote.</summary>
    public static List<string>? Split(string line)
    {
        var cells = new List<string>();
        for (int at = 0; ; at++)
        {
            while (at < line.Length && line[at] == ' ') at++;
            if (at < line.Length && line[at] == '"')
            {
                if (!TryQuoted(line, ref at, out string cell)) return null;
                cells.Add(cell);
            }
            else
            {
                int comma = line.IndexOf(',', at);
                int end = comma < 0 ? line.Length : comma;
                cells.Add(line[at..end].Trim());
                at = end;
            }
            if (at >= line.Length) return cells;
        }
    }

    /// <summary>Reads the quoted cell at <paramref name="at"/>, which is moved to the comma or the end of the line after it.</summary>
    private static bool TryQuoted(string line, ref int at, out string cell)
    {
        var text = new StringBuilder();
        for (at++; at < line.Length; at++)
        {
            if (line[at] != '"')
            {
                text.Append(line[at]);
                continue;
            }
            at++;
            // A doubled quote stands for one quote.
            if (at < line.Length && line[at] == '"')
            {
                text.Append('"');
                continue;
            }
            while (at < line.Length && line[at] == ' ') at++;
            cell = text.ToString().Trim();
            return at >= line.Length || line[at] == ',';
        }
        cell = "";
        return false;
    }
}
