using System.Collections.Immutable;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Pages;
using PandaNas.Runtime.Files;

namespace PandaNas.Reporting.Plots;

/// <summary>The figures of runs as files: SVG to be edited and printed, PNG for all else. Texts are texts in SVG.</summary>
internal static class FigureFiles
{
    // So that a figure of a column's width is printed with 300 dots an inch.
    private const float Scale = 2.5f;

    /// <summary>Writes the figures of runs.</summary>
    /// <param name="folders">The folders of at least one run.</param>
    /// <param name="target">The folder of the files, made where there is none; with several runs each has a folder in it.</param>
    /// <param name="formats">The formats of the files.</param>
    /// <param name="catalog">What the options of the runs can name.</param>
    /// <returns>The files.</returns>
    /// <exception cref="BadDataException">There is no such folder, or nothing to draw in it.</exception>
    /// <exception cref="RunFailedException">A file cannot be written.</exception>
    public static ImmutableArray<string> Write(
        IReadOnlyList<string> folders, string target, IReadOnlyCollection<FigureFormat> formats, Catalog catalog)
    {
        RunContents[] runs = [.. folders.Select(folder => RunReader.Read(folder, catalog))];
        var names = new FreeNames();
        (string Path, Figure Figure)[] figures =
            [.. runs.SelectMany(run => Of(run, runs.Length == 1 ? target : Path.Combine(target, names.Take(run.Name))))];
        using var painter = new DrawingPainter();
        var written = ImmutableArray.CreateBuilder<string>();
        foreach ((string path, Figure figure) in figures)
        {
            XElement drawing = StandaloneDrawing.Of(figure);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            foreach (FigureFormat format in formats)
            {
                string file = path + (format == FigureFormat.Svg ? ".svg" : ".png");
                byte[] bytes = format == FigureFormat.Svg ? Encoding.UTF8.GetBytes(Text(drawing)) : painter.Png(drawing, Scale);
                AtomicFile.Write(file, stream => stream.Write(bytes));
                written.Add(file);
            }
        }
        return written.ToImmutable();
    }

    private static IEnumerable<(string Path, Figure Figure)> Of(RunContents run, string target)
    {
        Figure[] drawn = [.. StageReport.AllOf(run).SelectMany(stage => stage.Figures).Where(figure => figure.Drawing is not null)];
        if (drawn.Length == 0)
            throw new BadDataException(
                $"'{run.Folder}' has nothing to draw yet. {string.Join(' ', run.Problems.DefaultIfEmpty("No epoch of it is done."))}");
        var names = new FreeNames();
        return drawn.Select(figure => (Path.Combine(target, names.Take(figure.Name)), figure));
    }

    private static string Text(XElement drawing)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n");
        var settings = new XmlWriterSettings { OmitXmlDeclaration = true, NewLineHandling = NewLineHandling.None };
        using (var writer = XmlWriter.Create(text, settings)) drawing.Save(writer);
        return text.Append('\n').ToString();
    }

    // Names of files that are taken get a number, also where they differ by case alone.
    private sealed class FreeNames
    {
        private readonly HashSet<string> _taken = new(StringComparer.OrdinalIgnoreCase);

        public string Take(string name)
        {
            string free = name;
            for (int number = 2; !_taken.Add(free); number++) free = $"{name}-{number}";
            return free;
        }
    }
}
