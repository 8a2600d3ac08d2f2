using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// The nodes of a cell and the edges between them: node 0 is its input, the last its output, and every other value is the sum of its edges.
/// </summary>
/// <param name="Nodes">How many, at least 2.</param>
/// <param name="Edges">From a lower to a higher node, ordered by target, then by source.</param>
internal sealed record CellGraph(int Nodes, ImmutableArray<(int Source, int Target)> Edges)
{
    /// <summary>
    /// For every edge, whether it takes part: it carries something, its source carries something, and its target reaches the output.
    /// </summary>
    /// <param name="carries">Whether the operation on an edge, by its index, carries anything.</param>
    public ImmutableArray<bool> LiveEdges(Func<int, bool> carries)
    {
        Span<bool> filled = stackalloc bool[Nodes], reaches = stackalloc bool[Nodes];
        filled[0] = true;
        reaches[Nodes - 1] = true;
        for (int edge = 0; edge < Edges.Length; edge++)
            if (filled[Edges[edge].Source] && carries(edge)) filled[Edges[edge].Target] = true;
        for (int edge = Edges.Length - 1; edge >= 0; edge--)
            if (reaches[Edges[edge].Target] && carries(edge)) reaches[Edges[edge].Source] = true;

        var live = ImmutableArray.CreateBuilder<bool>(Edges.Length);
        for (int edge = 0; edge < Edges.Length; edge++)
            live.Add(filled[Edges[edge].Source] && reaches[Edges[edge].Target] && carries(edge));
        return live.MoveToImmutable();
    }
}
