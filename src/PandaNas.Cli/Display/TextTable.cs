using PandaNas.Experiments.Options;
using PandaNas.Messages;
using Spectre.Console;

namespace PandaNas.Cli.Display;

/// <summary>Plain tables that fit <see cref="PlainText.Width"/> columns; the same on a terminal and in a file.</summary>
internal static class TextTable
{
    /// <summary>Prints a table. Texts that are too long for their column go on in the next line, numbers never do.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="headers">The columns; a header that starts with '&gt;' is of numbers and aligns right.</param>
    /// <param name="rows">The cells.</param>
    public static void Print(TextWriter writer, IReadOnlyList<string> headers, IEnumerable<IReadOnlyList<string>> rows)
    {
        var table = new Table { Border = TableBorder.Simple };
        foreach (string header in headers)
        {
            bool number = header.StartsWith('>');
            var column = new TableColumn(new Text(number ? header[1..] : header)) { NoWrap = number, Padding = new Padding(1, 0, 1, 0) };
            table.AddColumn(number ? column.RightAligned() : column);
        }
        foreach (IReadOnlyList<string> row in rows) table.AddRow(row.Select(cell => new Text(Printable.Of(cell))));
        using var text = new StringWriter();
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        });
        console.Profile.Width = PlainText.Width;
        console.Write(table);
        foreach (string line in text.ToString().TrimEnd().Split('\n')) writer.WriteLine(line.TrimEnd());
    }
}
