using System.Collections.Immutable;
using System.Globalization;
using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Statistics;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Pages;

/// <summary>A figure that stands large on top of a report.</summary>
/// <param name="Label">What it is.</param>
/// <param name="Value">Itself.</param>
/// <param name="Text">As people read it.</param>
/// <param name="Range">Its interval or unit, as people read it; may be empty.</param>
internal sealed record Tile(string Label, double Value, string Text, string Range = "")
{
    /// <summary>A share, with its interval.</summary>
    public static Tile OfShare(string label, double value, Interval? interval) =>
        new(label, value, Words.Percent(value), interval is { } ends ? $"95%: {Words.Range(ends, Words.Percent)}" : "");

    /// <summary>The tile.</summary>
    public XElement Draw() => Element("div", Class("tile"),
        Element("span", Label),
        Element("data", new XAttribute("value", Value.ToString("R", CultureInfo.InvariantCulture)), Text),
        Element("small", Range));
}

/// <summary>What a stage comes to, in plain words.</summary>
/// <param name="Found">What was found.</param>
/// <param name="Certainty">How sure it is.</param>
/// <param name="Next">What to do next.</param>
/// <param name="Command">The command that does it; null for none.</param>
internal sealed record Verdict(string Found, string Certainty, string Next, string? Command = null)
{
    /// <summary>The three answers.</summary>
    public XElement Draw() => Element("dl",
        Element("dt", "What was found"), Element("dd", Found),
        Element("dt", "How sure"), Element("dd", Certainty),
        Element("dt", "What to do next"), Element("dd", Next, Command is null ? null : Element("pre", Code(Command))));
}

/// <summary>The part of a report that is about one stage.</summary>
/// <param name="Title">The stage.</param>
/// <param name="Verdict">What it comes to.</param>
/// <param name="Tiles">Its main figures.</param>
/// <param name="Figures">Its drawings and tables.</param>
internal sealed record StageReport(string Title, Verdict Verdict, ImmutableArray<Tile> Tiles, ImmutableArray<Figure> Figures)
{
    /// <summary>The folders of runs that have reports of their own.</summary>
    public ImmutableArray<string> Runs { get; init; } = [];

    /// <summary>The parts of a run's report, the last stage first.</summary>
    public static ImmutableArray<StageReport> AllOf(RunContents run)
    {
        StageReport?[] possible =
        [
            AutoReport.Of(run), RetrainingReport.Of(run), ComparisonReport.Of(run), SearchReport.Of(run), RankingReport.Of(run),
            TrainingReport.Of(run),
        ];
        return [.. possible.OfType<StageReport>()];
    }
}
