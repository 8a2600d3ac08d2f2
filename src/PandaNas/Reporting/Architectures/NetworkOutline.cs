using System.Collections.Immutable;
using PandaNas.Reporting.Contents;
using PandaNas.Spaces;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.Definitions;

namespace PandaNas.Reporting.Architectures;

/// <summary>A layer or cell of a network, or several alike that follow one another.</summary>
/// <param name="Name">Its operation, or what cell it is.</param>
/// <param name="Count">How many.</param>
/// <param name="Shape">The shape of the output, C×H×W.</param>
/// <param name="IsChosen">Whether the architecture decides what it is.</param>
/// <param name="IsResidual">Whether its input is added to its output.</param>
internal sealed record OutlinePart(string Name, int Count, string Shape, bool IsChosen = false, bool IsResidual = false);

/// <summary>An edge of a cell.</summary>
/// <param name="Source">The node that it reads.</param>
/// <param name="Target">The node that it adds to.</param>
/// <param name="Operation">What stands on it; null for a connection without an operation.</param>
/// <param name="IsLive">Whether the cell's output depends on it.</param>
internal sealed record OutlineEdge(int Source, int Target, string? Operation, bool IsLive);

/// <summary>A cell as a graph.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Nodes">The names of its nodes, in the order in which they are computed.</param>
/// <param name="Edges">What leads from node to node; what carries nothing is left out.</param>
internal sealed record OutlineCell(string Name, ImmutableArray<string> Nodes, ImmutableArray<OutlineEdge> Edges);

/// <summary>An architecture as people draw it: the chain of its layers with their shapes, and the graphs of its cells.</summary>
/// <param name="Chain">The layers and cells from the images to the classes; empty where a space does not tell.</param>
/// <param name="Cells">The cells, once each.</param>
internal sealed record NetworkOutline(ImmutableArray<OutlinePart> Chain, ImmutableArray<OutlineCell> Cells)
{
    /// <summary>The outline of an architecture, from the description of its space; null for a space that has none.</summary>
    /// <exception cref="ArchitectureFormatException">The text is no architecture of the space.</exception>
    public static NetworkOutline? Of(RunNetworks networks, string text)
    {
        Architecture architecture = networks.Family.Space.Parse(text);
        return networks.Family switch
        {
            ChainFamily chain => OfChain(chain.Layout(networks.Sizes), networks, architecture),
            DartsFamily => OfDarts(networks, architecture),
            _ => null,
        };
    }

    private static NetworkOutline OfChain(SpaceLayout layout, RunNetworks networks, Architecture architecture)
    {
        (int image, SpaceDefinition definition) = (networks.Sizes.ImageSize, layout.Definition);
        int size = (image + definition.Stem.Stride - 1) / definition.Stem.Stride;
        List<OutlinePart> parts =
        [
            new("images", 1, Shape(networks.Sizes.InputChannels, image)),
            new($"stem {definition.Stem.Kernel}×{definition.Stem.Kernel}", 1, Shape(definition.Stem.Channels, size)),
        ];
        foreach ((Place place, var shape) in layout.Sized(image))
        {
            size = shape.OutputSize;
            parts.Add(place switch
            {
                FixedPlace layer => new(layer.Operation.Name, 1, Shape(layer.Outputs, size)),
                SearchedPlace layer => new(
                    layer.Slot.Taken(architecture).Name, 1, Shape(layer.Outputs, size), IsChosen: true, layer.Residual),
                CellPlace cell => new(CellName(layout, cell.Cell), 1, Shape(cell.Outputs, size), IsChosen: true),
                _ => new(place.Name, 1, Shape(place.Outputs, size)),
            });
        }
        int outputs = definition.HeadChannels > 0 ? definition.HeadChannels : layout.Outputs;
        if (definition.HeadChannels > 0) parts.Add(new("head 1×1", 1, Shape(outputs, size)));
        parts.Add(new("mean of the pixels", 1, $"{outputs}"));
        parts.Add(new("classifier", 1, $"{networks.Sizes.Classes} classes"));
        return new NetworkOutline(Folded(parts), [.. layout.Space.Cells.Select(cell => OfCell(layout, cell, architecture))]);
    }

    private static OutlineCell OfCell(SpaceLayout layout, SpaceCell cell, Architecture architecture)
    {
        (ImmutableArray<bool> carrying, ImmutableArray<bool> live) =
            (layout.Space.CarryingEdges(cell, architecture), layout.Space.LiveEdges(cell, architecture));
        int last = cell.Graph.Nodes - 1;
        return new OutlineCell(
            CellName(layout, cell),
            [.. Enumerable.Range(0, last + 1).Select(node => node == 0 ? "input" : node == last ? "output" : $"node {node}")],
            [
                .. from edge in Enumerable.Range(0, cell.Graph.Edges.Length)
                   where carrying[edge]
                   let kind = layout.Space.OperationAt(architecture, cell.FirstChoice + edge)!.Value
                   select new OutlineEdge(
                       cell.Graph.Edges[edge].Source, cell.Graph.Edges[edge].Target, layout.Space.Operations[kind], live[edge]),
            ]);
    }

    private static string CellName(SpaceLayout layout, SpaceCell cell) =>
        layout.Definition.Body.OfType<Cells>().Select(cells => cells.Cell.Name).Distinct().ElementAtOrDefault(cell.Number) ?? "cell";

    private static NetworkOutline OfDarts(RunNetworks networks, Architecture architecture)
    {
        int stem = networks.Sizes.HasLargeStem ? 8 : 1, size = networks.Sizes.ImageSize / stem;
        List<OutlinePart> parts =
        [
            new("images", 1, Shape(networks.Sizes.InputChannels, networks.Sizes.ImageSize)),
            new("stem", 1, Shape(DartsMacro.StemChannels(networks.Sizes), size)),
        ];
        int outputs = 0;
        foreach (DartsCellPlan plan in DartsMacro.Cells(networks.Sizes))
        {
            bool reduces = plan.Kind == DartsCellKind.Reduction;
            if (reduces) size /= 2;
            outputs = plan.Output;
            parts.Add(new(reduces ? "reduction cell" : "normal cell", 1, Shape(outputs, size), IsChosen: true));
        }
        parts.Add(new("mean of the pixels", 1, $"{outputs}"));
        parts.Add(new("classifier", 1, $"{networks.Sizes.Classes} classes"));
        return new NetworkOutline(Folded(parts),
        [
            OfDartsCell("normal cell", DartsSpace.Edges(architecture, DartsCellKind.Normal)),
            OfDartsCell("reduction cell", DartsSpace.Edges(architecture, DartsCellKind.Reduction)),
        ]);
    }

    private static OutlineCell OfDartsCell(string name, ImmutableArray<DartsEdge> edges)
    {
        const int Last = DartsSpace.Inputs + DartsSpace.Nodes;
        return new OutlineCell(
            name,
            ["input 1", "input 2", .. Enumerable.Range(DartsSpace.Inputs, DartsSpace.Nodes).Select(node => $"node {node}"), "output"],
            [
                .. edges.Select((edge, i) =>
                    new OutlineEdge(edge.Source, DartsSpace.Inputs + i / 2, DartsSpace.Instance.Operations[edge.Operation], IsLive: true)),
                .. Enumerable.Range(DartsSpace.Inputs, DartsSpace.Nodes).Select(node => new OutlineEdge(node, Last, null, IsLive: true)),
            ]);
    }

    private static string Shape(int channels, int size) => $"{channels}×{size}×{size}";

    // Neighbours that are alike become one part.
    private static ImmutableArray<OutlinePart> Folded(List<OutlinePart> parts)
    {
        var folded = new List<OutlinePart>();
        foreach (OutlinePart part in parts)
            if (folded.Count > 0 && folded[^1] with { Count = 1 } == part) folded[^1] = folded[^1] with { Count = folded[^1].Count + 1 };
            else folded.Add(part);
        return [.. folded];
    }
}
