using System.Globalization;
using System.Text;
using PandaNas.Spaces;

namespace PandaNas.Ranking;

/// <summary>
/// Stand-alone accuracies of architectures, read from a CSV file: a header line with a column <c>architecture</c> and any number
/// of other columns, then one line per architecture. Only the selected column needs to be numeric; its unit is the file's own
/// (percent for NAS-Bench-201). Cells may be quoted; empty lines are skipped; column names ignore case. Immutable.
/// </summary>
internal sealed class TruthTable
{
    /// <summary>The name of the column that holds the architectures.</summary>
    public const string ArchitectureColumn = "architecture";

    private readonly Dictionary<Architecture, double> _truths = [];
    private readonly List<Architecture> _architectures = [];

    private TruthTable(string column) => Column = column;

    /// <summary>The selected column, as the header writes it.</summary>
    public string Column { get; }

    /// <summary>How many architectures the table has, at least 1.</summary>
    public int Count => _architectures.Count;

    /// <summary>The architectures in the order of the file.</summary>
    public IReadOnlyList<Architecture> Architectures => _architectures;

    /// <summary>The accuracy of an architecture, in the file's unit.</summary>
    /// <returns>False when the table does not have the architecture.</returns>
    public bool TryGet(Architecture architecture, out double truth) => _truths.TryGetValue(architecture, out truth);

    /// <summary>The columns a table has beside <c>architecture</c>, in order. Reads the header only.</summary>
    /// <param name="reader">The table's text, from its start.</param>
    /// <param name="name">What to call the table in errors, usually its path.</param>
    /// <exception cref="BadDataException">The text has no valid header or cannot be read.</exception>
    public static IReadOnlyList<string> Columns(TextReader reader, string name)
    {
        var lines = new CsvReader(reader, name);
        return [.. lines.Header.Where(column => column.Length > 0 && !Same(column, ArchitectureColumn))];
    }

    /// <summary>Reads a table.</summary>
    /// <param name="reader">The table's text, from its start.</param>
    /// <param name="name">What to call the table in errors, usually its path.</param>
    /// <param name="space">The space the architectures are of.</param>
    /// <param name="column">The column that holds the accuracies; <see cref="TruthColumn.Choose"/> selects it.</param>
    /// <exception cref="BadDataException">
    /// The header or a column is missing, a line has a missing or surplus cell, an accuracy is not a finite number, an architecture
    /// is not of the space or stands twice, or the text cannot be read. The message names the table, the line and what was expected.
    /// </exception>
    public static TruthTable Read(TextReader reader, string name, SearchSpace space, string column)
    {
        var lines = new CsvReader(reader, name);
        int at = lines.Header.FindIndex(cell => Same(cell, column.Trim()));
        if (at < 0 || at == lines.ArchitectureAt || column.Trim().Length == 0)
            throw lines.Bad(
                $"expected a column '{column}', found the columns {Excerpt.Of(string.Join(", ", lines.Header), Excerpt.OfLine)}");

        var table = new TruthTable(lines.Header[at]);
        var lineOf = new Dictionary<Architecture, int>();
        while (lines.Next() is { } cells)
        {
            Architecture architecture = ParseArchitecture(cells[lines.ArchitectureAt], space, lines);
            if (!lineOf.TryAdd(architecture, lines.Line))
                throw lines.Bad(
                    $"architecture {space.Format(architecture)} stands on line {lineOf[architecture]} already; "
                    + "expected every architecture once");
            table._truths.Add(architecture, ParseAccuracy(cells[at], table.Column, lines));
            table._architectures.Add(architecture);
        }
        return table.Count > 0 ? table : throw lines.Bad("expected at least one architecture below the header, found none");
    }

    private static Architecture ParseArchitecture(string cell, SearchSpace space, CsvReader lines)
    {
        if (cell.Length == 0)
            throw lines.Bad($"the cell of column '{ArchitectureColumn}' is empty; expected an architecture of {space.Name}");
        try
        {
            return space.Parse(cell);
        }
        catch (ArchitectureFormatException exception)
        {
            throw lines.Bad(exception.Message, exception);
        }
    }

    private static double ParseAccuracy(string cell, string column, CsvReader lines)
    {
        if (cell.Length == 0) throw lines.Bad($"the cell of column '{column}' is empty; expected a number");
        return double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double accuracy) && double.IsFinite(accuracy)
            ? accuracy
            : throw lines.Bad($"expected a finite number in column '{column}', found '{Excerpt.Of(cell, Excerpt.OfLine)}'");
    }

    private static bool Same(string one, string other) => string.Equals(one, other, StringComparison.OrdinalIgnoreCase);

    /// <summary>The lines of a table, each with as many cells as the header; counts lines for the errors.</summary>
    private sealed class CsvReader
    {
        private readonly TextReader _reader;
        private readonly string _name;

        public CsvReader(TextReader reader, string name)
        {
            (_reader, _name) = (reader, name);
            Header = NextCells() ?? throw Bad($"expected a header line with a column '{ArchitectureColumn}', found an empty table");
            ArchitectureAt = Header.FindIndex(cell => Same(cell, ArchitectureColumn));
            if (ArchitectureAt < 0)
                throw Bad(
                    $"expected a header line with a column '{ArchitectureColumn}', "
                    + $"found '{Excerpt.Of(string.Join(',', Header), Excerpt.OfLine)}'");
            string? twice = Header.Where(cell => cell.Length > 0)
                .GroupBy(cell => cell, StringComparer.OrdinalIgnoreCase).FirstOrDefault(group => group.Count() > 1)?.Key;
            if (twice is not null) throw Bad($"expected columns with different names, found '{Excerpt.Of(twice, Excerpt.OfLine)}' twice");
        }

        public List<string> Header { get; }

        public int ArchitectureAt { get; }

        /// <summary>The number of the last line read, counted from 1.</summary>
        public int Line { get; private set; }

        public List<string>? Next()
        {
            if (NextCells() is not { } cells) return null;
            return cells.Count == Header.Count ? cells : throw Bad($"expected {Header.Count} cells as in the header, found {cells.Count}");
        }

        public BadDataException Bad(string problem, Exception? inner = null) => new($"{_name}, line {Math.Max(Line, 1)}: {problem}", inner);

        private List<string>? NextCells()
        {
            while (ReadLine() is { } line)
            {
                Line++;
                // A byte order mark survives when the text does not come through a decoder that drops it.
                if (Line == 1) line = line.TrimStart('\uFEFF');
                if (string.IsNullOrWhiteSpace(line)) continue;
                return Csv.Split(line) ?? throw Bad("a quoted cell does not end with a quote before the comma or the end of the line");
            }
            return null;
        }

        private string? ReadLine()
        {
            try
            {
                return _reader.ReadLine();
            }
            catch (Exception exception) when (exception is IOException or DecoderFallbackException)
            {
                Line++;
                throw Bad($"cannot be read: {exception.Message}", exception);
            }
        }
    }
}
