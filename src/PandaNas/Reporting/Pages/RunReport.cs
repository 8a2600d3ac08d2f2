using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using PandaNas.Experiments.Runs;
using PandaNas.Reporting.Contents;
using PandaNas.Reporting.Markup;
using PandaNas.Runtime.Files;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Pages;

/// <summary>A report of runs: one file of HTML that needs nothing else, no script and no other file.</summary>
internal static class RunReport
{
    /// <summary>The file's usual name, in the run's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>Writes the report of runs.</summary>
    /// <param name="folders">The folders of at least one run.</param>
    /// <param name="path">The file.</param>
    /// <param name="catalog">What the options of the runs can name.</param>
    /// <exception cref="BadOptionException">No folder is named, or one twice.</exception>
    /// <exception cref="BadDataException">There is no such folder.</exception>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    public static void Write(IReadOnlyList<string> folders, string path, Catalog catalog) =>
        AtomicFile.WriteText(
            path, Of([.. folders.Select(folder => RunReader.Read(folder, catalog))], Path.GetDirectoryName(Path.GetFullPath(path))!));

    /// <summary>
    /// Writes the report of a run into its folder. A run does not fail for want of its report: what prevents it is noted.
    /// </summary>
    /// <param name="folder">The folder, locked by the caller.</param>
    /// <param name="context">Receives the note.</param>
    public static void WriteInto(string folder, RunContext context) => TryWrite([folder], Path.Combine(folder, FileName), context);

    /// <summary>Writes the report of runs; what prevents it is noted.</summary>
    /// <param name="folders">The folders of at least one run.</param>
    /// <param name="path">The file.</param>
    /// <param name="context">Receives the note.</param>
    public static void TryWrite(IReadOnlyList<string> folders, string path, RunContext context)
    {
        try
        {
            Write(folders, path, context.Catalog);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            context.Note(
                $"'{path}' was not written: {error.Message.TrimEnd('.')}. The results are complete; 'panda report' makes it anew.");
        }
    }

    /// <summary>The text of a report.</summary>
    /// <param name="runs">The runs.</param>
    /// <param name="folder">Where it will be.</param>
    internal static string Of(ImmutableArray<RunContents> runs, string folder)
    {
        string title = runs.Length == 1 ? $"{runs[0].Name}: report" : $"Report of {runs.Length} runs";
        return HtmlFile.Of(title, StyleSheet.Text,
            Element("main",
                Element("header", Element("h1", runs.Length == 1 ? runs[0].Name : title), Paragraph(Class("lead"), Lead(runs))),
                runs.Length == 1 ? null : Overview(runs),
                runs.Select((run, i) => Article(run, runs.Length == 1 ? null : $"run-{i + 1}", folder)),
                Element("footer", Paragraph(
                    $"Made by panda {ProductVersion.Text}. Tooltips tell what a mark is; this page loads nothing and runs no script."))));
    }


    private static string Lead(ImmutableArray<RunContents> runs) =>
        runs.Length > 1 ? "Several runs, one below the other." : runs[0].Kind switch
        {
            RunKind.Supernet => $"A supernet: one network that holds all architectures of {Space(runs[0])}, "
                + "trained once to tell which of them are good.",
            RunKind.Standalone => $"One architecture of {Space(runs[0])}, trained from scratch.",
            RunKind.Auto => "A model that was found and trained within a given time, beside a baseline that was trained as long.",
            RunKind.Comparison => "Several methods of training a supernet, each with several seeds.",
            _ => "There is no run in this folder, or it has not begun, or it is damaged.",
        };

    private static string Space(RunContents run) => run.Options?.Family.Space.Name ?? "its space";

    private static XElement Overview(ImmutableArray<RunContents> runs) => Element("section",
        Element("h2", "All runs"),
        Element("ol", runs.Select((run, i) => Element("li",
            Element("a", new XAttribute("href", string.Create(CultureInfo.InvariantCulture, $"#run-{i + 1}")), run.Name),
            $": {Lead([run])} ",
            StageReport.AllOf(run).SelectMany(stage => stage.Tiles).Take(2).Select(tile => $"{tile.Label} {tile.Text}. ")))));

    private static XElement Article(RunContents run, string? id, string folder)
    {
        ImmutableArray<StageReport> stages = StageReport.AllOf(run);
        return Element("article", id is null ? null : new XAttribute("id", id),
            id is null ? null : Element("h2", run.Name),
            run.Problems.IsEmpty ? null : Element("section", Class("problems"), new XAttribute("role", "note"),
                Element("h3", "What could not be read"), Element("ul", run.Problems.Select(problem => Element("li", problem)))),
            Element("div", Class("tiles"), stages.SelectMany(stage => stage.Tiles).Select(tile => tile.Draw())),
            stages.Select(stage => Element("section",
                Element("h2", stage.Title), Element("div", Class("verdict"), stage.Verdict.Draw()),
                Element("div", Class("figures"), stage.Figures.Select(figure => figure.Draw())),
                Runs(stage.Runs, folder))),
            run.Kind.Length == 0 ? null : Reproduction.Draw(run));
    }

    // Relative, so that the folder can be moved.
    private static XElement? Runs(ImmutableArray<string> runs, string folder) => runs.IsEmpty ? null : Element("section",
        Element("h3", "The runs"), Paragraph("Each has a report of its own in its folder:"),
        Element("ul", runs.Select(run => Element(
            "li", Element("a", new XAttribute("href", Address(run, folder)), Path.GetFileName(run))))));

    private static string Address(string run, string folder) => string.Join(
        '/', Path.GetRelativePath(folder, Path.Combine(run, FileName)).Split(Path.DirectorySeparatorChar).Select(Uri.EscapeDataString));
}
