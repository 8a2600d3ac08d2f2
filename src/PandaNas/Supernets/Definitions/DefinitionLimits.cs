using System.Collections.Immutable;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Definitions;

/// <summary>The ranges of the numbers in a definition.</summary>
internal static class DefinitionLimits
{
    /// <summary>The most layers and cells of a network.</summary>
    public const int MostPlaces = 1000;

    /// <summary>The most choices of a space.</summary>
    public const int MostChoices = 500;

    /// <summary>The most kinds of operation that a space chooses between.</summary>
    public const int MostOperations = 64;

    /// <summary>The most operations of a supernet: candidates at all places.</summary>
    public const int MostMade = 100_000;

    /// <summary>The most weights in the body of a supernet: 4 GiB.</summary>
    public const long MostWeights = 1L << 30;

    // With one channel libtorch's convolutions give wrong gradients without an error: docs/dependencies.md.
    private const int FewestChannels = 2, MostChannels = 4096;
    private const int LargestKernel = 15, MostRepeats = 100, MostBatches = 100_000;

    /// <summary>Throws unless every number is in its range and every part has what it needs.</summary>
    /// <exception cref="SpaceDefinitionException">One is not; the message says where.</exception>
    public static void Check(SpaceDefinition definition)
    {
        SpaceName.Check(definition.Name, "space");
        CheckStem(definition.Stem);
        if (definition.HeadChannels != 0) InRange("head", "channels", definition.HeadChannels, FewestChannels, MostChannels);
        InRange("calibration-batches", "", definition.CalibrationBatches, 0, MostBatches);
        if (definition.Body.IsDefaultOrEmpty) throw new SpaceDefinitionException("body", "is empty: expected at least one part");
        for (int part = 0; part < definition.Body.Length; part++) CheckPart($"body {part + 1}", definition.Body[part]);
    }

    private static void CheckStem(StemLayer stem)
    {
        InRange("stem", "channels", stem.Channels, FewestChannels, MostChannels);
        InRange("stem", "kernel", stem.Kernel, 1, LargestKernel);
        InRange("stem", "stride", stem.Stride, 1, 2);
        if (stem.Kernel % 2 == 0) throw new SpaceDefinitionException("stem", $"has kernel {stem.Kernel}: expected an odd number");
        if (stem is { Kernel: 1, Stride: 2 })
            throw new SpaceDefinitionException(
                "stem", "has kernel 1 and stride 2, which leaves out three pixels of four: choose a larger kernel");
    }

    private static void CheckPart(string place, SpacePart part)
    {
        (int channels, int stride, int count) = part switch
        {
            FixedLayers layers => (layers.Channels, layers.Stride, layers.Count),
            SearchedLayers layers => (layers.Channels, layers.Stride, layers.Count),
            Cells cells => (0, 1, cells.Count),
            _ => throw new SpaceDefinitionException(place, "is missing"),
        };
        if (channels != 0) InRange(place, "channels", channels, FewestChannels, MostChannels);
        InRange(place, "stride", stride, 1, 2);
        InRange(place, "count", count, 1, MostRepeats);
        if (part is SearchedLayers { Candidates.IsDefaultOrEmpty: true }) throw new SpaceDefinitionException(place, "has no candidates");
        if (part is Cells { Cell: var cell }) CheckCell(cell);
    }

    private static void CheckCell(Cell cell)
    {
        string place = $"cell {SpaceName.Check(cell.Name, "cell")}";
        if (cell.Edges.IsDefaultOrEmpty) throw new SpaceDefinitionException(place, $"has no edges: expected 2 to {Cell.MostNodes} nodes");
        foreach (CellEdge edge in cell.Edges)
        {
            if (edge.Source < 0 || edge.Target <= edge.Source || edge.Target >= Cell.MostNodes)
                throw new SpaceDefinitionException(
                    place,
                    $"has an edge {edge.Source}->{edge.Target}: "
                    + $"expected one from a lower to a higher node, of nodes 0 to {Cell.MostNodes - 1}");
            if (edge.Candidates.IsDefaultOrEmpty)
                throw new SpaceDefinitionException(place, $"has no candidates on edge {edge.Source}->{edge.Target}");
        }
        if (cell.Edges.Select(edge => (edge.Source, edge.Target)).Distinct().Count() != cell.Edges.Length)
            throw new SpaceDefinitionException(place, "has an edge twice");
        ImmutableHashSet<int> sources = [.. cell.Edges.Select(edge => edge.Source)], targets = [.. cell.Edges.Select(edge => edge.Target)];
        int last = targets.Max();
        for (int node = 0; node <= last; node++)
            if ((node > 0 && !targets.Contains(node)) || (node < last && !sources.Contains(node)))
                throw new SpaceDefinitionException(
                    place,
                    $"has no edge {(
                        node > 0 && !targets.Contains(node) ? "to" : "from")} node {node}: every node must be reached and be read");
    }

    private static void InRange(string place, string key, int value, int smallest, int largest)
    {
        if (value < smallest || value > largest)
            throw new SpaceDefinitionException(
                place, $"{(key.Length == 0 ? "is" : $"has {key}")} {value}: expected {smallest} to {largest}");
    }
}
