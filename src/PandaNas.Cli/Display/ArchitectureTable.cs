using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;

namespace PandaNas.Cli.Display;

/// <summary>
/// A table of architectures: numbered rows of figures, and below what the numbers stand for, because architectures are long.
/// </summary>
internal static class ArchitectureTable
{
    /// <summary>Prints the table and the architectures.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="headers">The columns of the figures, as <see cref="TextTable"/> takes them.</param>
    /// <param name="rows">The architectures and their figures, in order.</param>
    /// <param name="first">The number of the first.</param>
    public static void Print(
        TextWriter writer, IReadOnlyList<string> headers,
        IReadOnlyCollection<(string Architecture, IReadOnlyList<string> Figures)> rows, int first = 1)
    {
        TextTable.Print(writer, [">#", .. headers], rows.Select((row, i) => (IReadOnlyList<string>)[Number(first + i), .. row.Figures]));
        writer.WriteLine();
        int width = Number(first + rows.Count - 1).Length;
        foreach ((int i, (string architecture, _)) in rows.Index())
            writer.WriteLine($"  {Number(first + i).PadLeft(width)}  {Wrap(architecture, width + 4)}");
        writer.WriteLine();
    }

    /// <summary>Prints what a ranking or a search scored, with all that is known of the first.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="scored">The architectures, at least one.</param>
    /// <param name="first">The number of the first.</param>
    public static void Print(TextWriter writer, ImmutableArray<ScoredArchitecture> scored, int first = 1)
    {
        (string Heading, string Format, Func<ScoredArchitecture, IFormattable?> Value)[] columns =
        [
            ("score", "F4", one => one.Score), ("accuracy", "P1", one => one.Accuracy), ("params", "N0", one => one.Parameters),
            ("multiply-adds", "N0", one => one.MultiplyAdds), ("latency ms", "F3", one => one.LatencyMs),
            ("truth", "F2", one => one.Truth), ("images", "N0", one => one.Images),
        ];
        columns = [.. columns.Where(column => column.Value(scored[0]) is not null)];
        Print(
            writer, [.. columns.Select(column => $">{column.Heading}")],
            [
                .. scored.Select(one => (one.Architecture, (IReadOnlyList<string>)
                    [.. columns.Select(column => column.Value(one)?.ToString(column.Format, CultureInfo.InvariantCulture) ?? "")])),
            ],
            first);
    }

    /// <summary>An architecture in lines, which --architecture takes together.</summary>
    /// <param name="architecture">As its space writes it.</param>
    /// <param name="indent">Spaces before every line but the first.</param>
    public static string Wrap(string architecture, int indent)
    {
        var lines = new StringBuilder();
        int column = indent;
        foreach (string part in Parts(architecture))
        {
            if (column > indent && column + part.TrimEnd().Length > PlainText.Width)
            {
                while (lines[^1] == ' ') lines.Length--;
                lines.Append('\n').Append(' ', indent);
                column = indent;
            }
            lines.Append(part);
            column += part.Length;
        }
        return lines.ToString();
    }

    private static IEnumerable<string> Parts(string architecture)
    {
        int start = 0;
        for (int i = 1; i < architecture.Length; i++)
        {
            if (!MayBreak(architecture[i - 1], architecture[i])) continue;
            yield return architecture[start..i];
            start = i;
        }
        yield return architecture[start..];
    }

    // Before the groups of one space, after the layers of another, between the edges of a third.
    private static bool MayBreak(char before, char after) => after == '+' || before == '-' || (before == ' ' && !char.IsAsciiDigit(after));

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
