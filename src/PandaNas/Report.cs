using System.Collections.Immutable;
using PandaNas.Reporting.Pages;
using PandaNas.Reporting.Plots;

namespace PandaNas;

/// <summary>What the folders of runs show: as a page, and as figures for papers and slides. Runs may be going on.</summary>
/// <example>
/// <code>
/// Report.Write(["runs/mine", "runs/mine/retrained"], "report.html");
/// Report.Plot(["runs/mine"], "figures");
/// </code>
/// </example>
public static class Report
{
    /// <summary>
    /// Writes one page of HTML, as <c>panda report</c> does; it needs no other file and runs no script. It says what cannot be read.
    /// </summary>
    /// <param name="runs">The folders of at least one run: supernets, retrainings, comparisons.</param>
    /// <param name="file">The file; one of the same name is replaced.</param>
    /// <param name="catalog">Has what the runs' options name, if it is your own.</param>
    /// <exception cref="BadOptionException">No run is named, or one twice.</exception>
    /// <exception cref="BadDataException">There is no such folder.</exception>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    public static void Write(IReadOnlyList<string> runs, string file, Catalog? catalog = null)
    {
        RequireOnce(runs);
        ArgumentException.ThrowIfNullOrWhiteSpace(file);
        RunReport.Write(runs, file, catalog ?? Catalog.Default);
    }

    /// <summary>Writes every figure as SVG and as PNG, as <c>panda plot</c> does.</summary>
    /// <param name="runs">The folders of at least one run.</param>
    /// <param name="folder">Receives the files; with several runs each has a folder in it. Files of the same names are replaced.</param>
    /// <param name="catalog">Has what the runs' options name, if it is your own.</param>
    /// <returns>The files.</returns>
    /// <exception cref="BadOptionException">No run is named, or one twice.</exception>
    /// <exception cref="BadDataException">There is no such folder, or nothing to draw in it.</exception>
    /// <exception cref="RunFailedException">A file cannot be written.</exception>
    public static ImmutableArray<string> Plot(IReadOnlyList<string> runs, string folder, Catalog? catalog = null)
    {
        RequireOnce(runs);
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return FigureFiles.Write(runs, folder, Enum.GetValues<FigureFormat>(), catalog ?? Catalog.Default);
    }

    /// <summary>Throws unless there are runs, each named once.</summary>
    internal static void RequireOnce(IReadOnlyList<string> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        if (runs.Count == 0) throw new BadOptionException("no run is named: name the folder of at least one");
        if (runs.GroupBy(Place).FirstOrDefault(group => group.Count() > 1)?.First() is { } twice)
            throw new BadOptionException($"'{twice}' is named twice: name every run once");

        // An empty path is refused later, where runs are opened.
        static string Place(string run) => run.Length == 0 ? run : Path.TrimEndingDirectorySeparator(Path.GetFullPath(run));
    }
}
