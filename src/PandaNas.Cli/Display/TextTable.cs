using Spectre.Console;

namespace PandaNas.Cli.Display;

/// <summary>Plain tables; the same on a terminal and in a file.</summary>
internal static class TextTable
{
    // Architecture strings are long; a narrower table would break them over lines.
    private const int Width = 220;

    /// <summary>Prints a table.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="headers">The columns; a header that starts with '&gt;' is of numbers and aligns right.</param>
    /// <param name="rows">The cells.</param>
    public static void Print(TextWriter writer, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string header in headers)
        {
            bool number = header.StartsWith('>');
            var column = new TableColumn(new Text(number ? header[1..] : header)) { NoWrap = true };
            table.AddColumn(number ? column.RightAligned() : column);
        }
        foreach (IReadOnlyList<string> row in rows) table.AddRow(row.Select(cell => new Text(Printable.Of(cell))));
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.No, ColorSystem = ColorSystemSupport.NoColors, Out = new AnsiConsoleOutput(writer) });
        console.Profile.Width = Width;
        console.Write(table);
    }
}
