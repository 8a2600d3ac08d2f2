using System.Globalization;
using System.Xml.Linq;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Spaces;
using static PandaNas.Reporting.Markup.Elements;

namespace PandaNas.Reporting.Architectures;

/// <summary>Draws an architecture: the chain of its layers with their shapes, and its cells as graphs.</summary>
internal static class ArchitectureDrawing
{
    /// <summary>The figures of an architecture; none where its space has no description that could be drawn.</summary>
    /// <param name="networks">Its space, and the sizes of the network.</param>
    /// <param name="text">The architecture.</param>
    public static IEnumerable<XElement> Draw(RunNetworks? networks, string text)
    {
        if (networks is null || OutlineOf(networks, text) is not { } outline) return [];
        return
        [
            Element("figure", Class("full"),
                Element("figcaption", Element("strong", "The network"), " ",
                    "from the images to the classes. The shapes are channels × height × width of the outputs. "
                    + "What the architecture decides has a thick rim."),
                Element("ol", Class("chain"), outline.Chain.Select(Draw))),
            .. outline.Cells.Select(cell => new Figure($"The {cell.Name}", ExplanationOf(cell)).Of(CellDrawing.Draw(cell))).Select(Full),
        ];
    }

    // Files can name an architecture that the run's space does not know.
    private static NetworkOutline? OutlineOf(RunNetworks networks, string text)
    {
        try
        {
            return NetworkOutline.Of(networks, text);
        }
        catch (ArchitectureFormatException)
        {
            return null;
        }
    }

    private static XElement Full(XElement figure)
    {
        figure.Add(Class("full"));
        return figure;
    }

    private static string ExplanationOf(OutlineCell cell)
    {
        string joined = "as a graph. A node is the sum of what leads to it"
            + (cell.Edges.Any(edge => edge.Operation is null)
                ? "; inputs 1 and 2 are the outputs of the two cells before, and the output is all nodes side by side."
                : ".");
        return cell.Edges.All(edge => edge.IsLive) ? joined : joined + " What is dashed does not reach the output.";
    }

    private static XElement Draw(OutlinePart part) => Element("li", part.IsChosen ? Class("chosen") : null,
        Element("b", part.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{part.Count} × {part.Name}") : part.Name),
        Element("span", part.Shape), part.IsResidual ? Element("i", "+ its input") : null);
}
