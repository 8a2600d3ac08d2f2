namespace PandaNas.Ranking;

/// <summary>Writes one cell of a CSV file (RFC 4180).</summary>
public static class CsvCell
{
    /// <summary>The text as a cell: in quotes where it holds a comma or a quote, as DARTS genotypes do.</summary>
    public static string Of(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.AsSpan().ContainsAny(',', '"') ? $"\"{text.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : text;
    }
}
