using System.Globalization;
using PandaNas.Reporting.Charts;
using PandaNas.Reporting.Contents;
using PandaNas.Spaces;

namespace PandaNas.Reporting.Architectures;

/// <summary>Draws an architecture: the chain of its layers with their shapes, and its cells as graphs.</summary>
internal static class ArchitectureDrawing
{
    /// <summary>The figures of an architecture; none where its space has no description that could be drawn.</summary>
    /// <param name="networks">Its space, and the sizes of the network.</param>
    /// <param name="text">The architecture.</param>
    public static IEnumerable<Figure> Draw(RunNetworks? networks, string text)
    {
        if (networks is null || OutlineOf(networks, text) is not { } outline) return [];
        return
        [
            new Figure("network", "The network",
                "From the images to the classes. The shapes are channels × height × width of the outputs. "
                + "What the architecture decides has a thick rim.",
                new Flow([.. outline.Chain.Select(Draw)], IsChain: true)),
            .. outline.Cells.Select(cell =>
                new Figure(
                    cell.Name == "cell" ? "cell" : $"cell-{Figure.Slug(cell.Name)}", $"The {cell.Name}", ExplanationOf(cell),
                    new CellDrawing(cell))),
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

    private static string ExplanationOf(OutlineCell cell)
    {
        string joined = "The cell as a graph. A node is the sum of what leads to it"
            + (cell.Edges.Any(edge => edge.Operation is null)
                ? "; inputs 1 and 2 are the outputs of the two cells before, and the output is all nodes side by side."
                : ".");
        return cell.Edges.All(edge => edge.IsLive) ? joined : joined + " What is dashed does not reach the output.";
    }

    private static FlowBox Draw(OutlinePart part) => new(
        part.Count > 1 ? string.Create(CultureInfo.InvariantCulture, $"{part.Count} × {part.Name}") : part.Name,
        part.IsResidual ? [part.Shape, "+ its input"] : [part.Shape], part.IsChosen);
}
