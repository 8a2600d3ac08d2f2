using System.Collections.Immutable;
using System.Xml.Linq;

namespace PandaNas.Reporting.Charts;

/// <summary>What a figure shows.</summary>
internal interface IDrawing
{
    /// <summary>What its colours are; empty where its title says so.</summary>
    ImmutableArray<Series> Legend => [];

    /// <summary>Whether it needs the whole width of a page.</summary>
    bool IsWide => false;

    /// <summary>The drawing as SVG.</summary>
    /// <param name="says">What it shows, for those who do not see it.</param>
    XElement Draw(string says);

    /// <summary>The drawing as part of a page, where it may flow with the page's width.</summary>
    /// <param name="says">What it shows, for those who do not see it.</param>
    XElement OnPage(string says) => Draw(says);
}
