using System.Collections.Immutable;
using System.Text;
using PandaNas.Spaces;

namespace PandaNas.Supernets.NasBench201;

/// <summary>
/// The NAS-Bench-201 cell space (Dong and Yang 2020): 4 nodes, one of 5 operations on each of the 6 edges between them, 15,625
/// architectures, written <c>|op~0|+|op~0|op~1|+|op~0|op~1|op~2|</c>: one group a target node, one <c>operation~source</c> an edge.
/// </summary>
public sealed class NasBench201Space : OperationSpace
{
    /// <summary>Index of the operation that carries nothing.</summary>
    public const int None = 0;
    /// <summary>Index of the identity.</summary>
    public const int SkipConnect = 1;
    /// <summary>Index of ReLU, 1×1 convolution, batch norm.</summary>
    public const int Convolution1x1 = 2;
    /// <summary>Index of ReLU, 3×3 convolution, batch norm.</summary>
    public const int Convolution3x3 = 3;
    /// <summary>Index of 3×3 average pooling with stride 1 that leaves the padding out of the mean.</summary>
    public const int AveragePool3x3 = 4;

    /// <summary>Nodes of a cell; node 0 is its input, the last its output.</summary>
    public const int Nodes = 4;

    internal NasBench201Space(SpaceOutline outline) : base(outline)
    {
    }

    /// <summary>The space; it has no state, so one instance serves all.</summary>
    public static NasBench201Space Instance { get; } = (NasBench201Space)new NasBench201Family().Space;

    /// <summary>The edges in the order of the choices and of the notation: grouped by target, then by source.</summary>
    public ImmutableArray<(int Source, int Target)> Edges => Cells[0].Graph.Edges;

    /// <summary>
    /// For every edge, whether it takes part: it carries something, its source carries something, and its target reaches the
    /// output. The supernet computes exactly these.
    /// </summary>
    public ImmutableArray<bool> LiveEdges(Architecture architecture) => LiveEdges(Cells[0], architecture);

    /// <summary>The notation with every dead edge written as <c>none</c>: 9,445 of the 15,625 are distinct.</summary>
    public override string LiveGraphKey(Architecture architecture)
    {
        ImmutableArray<bool> live = LiveEdges(architecture);
        var candidates = new int[Edges.Length];
        for (int edge = 0; edge < Edges.Length; edge++) candidates[edge] = live[edge] ? architecture[edge] : None;
        return Format(new Architecture(candidates));
    }

    /// <summary>
    /// The benchmark's own canonical expression: every node is the sorted sum of its inputs, a skip is its source's expression, an
    /// edge that carries nothing is <c>#</c>. It names 6,466 classes, the published count of unique cells.
    /// </summary>
    public override string IsomorphismKey(Architecture architecture)
    {
        var nodes = new string[Nodes];
        nodes[0] = "0";
        int edge = 0;
        for (int target = 1; target < Nodes; target++)
        {
            var inputs = new string[target];
            for (int source = 0; source < target; source++, edge++)
                inputs[source] = architecture[edge] switch
                {
                    None => "#",
                    _ when nodes[source] == "#" => "#",
                    SkipConnect => nodes[source],
                    int operation => $"({nodes[source]})@{operation}",
                };
            Array.Sort(inputs, StringComparer.Ordinal);
            nodes[target] = string.Join('+', inputs);
        }
        return nodes[^1];
    }

    /// <inheritdoc/>
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        var text = new StringBuilder();
        int edge = 0;
        for (int target = 1; target < Nodes; target++)
        {
            text.Append(target == 1 ? "|" : "+|");
            for (int source = 0; source < target; source++, edge++)
                text.Append(Operations[architecture[edge]]).Append('~').Append(source).Append('|');
        }
        return text.ToString();
    }

    /// <inheritdoc/>
    public override Architecture Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] groups = text.Trim().Split('+');
        if (groups.Length != Nodes - 1) throw Malformed(text, $"{Nodes - 1} groups joined by '+', found {groups.Length}");
        var candidates = new int[Edges.Length];
        int edge = 0;
        for (int target = 1; target < Nodes; target++)
        {
            string group = groups[target - 1];
            string[] parts = group.Split('|');
            if (parts.Length != target + 2 || parts[0].Length != 0 || parts[^1].Length != 0)
                throw Malformed(text, $"group {target} to be {target} edge(s) between bars, found '{Excerpt.Of(group)}'");
            for (int source = 0; source < target; source++, edge++) candidates[edge] = ParseEdge(text, parts[source + 1], source, target);
        }
        return new Architecture(candidates);
    }

    private int ParseEdge(string text, string part, int source, int target)
    {
        int tilde = part.LastIndexOf('~');
        if (tilde < 0 || part[(tilde + 1)..] != source.ToString(System.Globalization.CultureInfo.InvariantCulture))
            throw Malformed(text, $"edge {source}->{target} to be written operation~{source}, found '{Excerpt.Of(part)}'");
        int operation = Operations.IndexOf(part[..tilde]);
        return operation >= 0
            ? operation
            : throw Malformed(
                text,
                $"the operation of edge {source}->{target} to be one of {string.Join(", ", Operations)}, "
                + $"found '{Excerpt.Of(part[..tilde])}'");
    }

    private static ArchitectureFormatException Malformed(string text, string expected) => new(
        $"'{Excerpt.Of(text)}' is not a NAS-Bench-201 architecture: expected {expected}. The form is |op~0|+|op~0|op~1|+|op~0|op~1|op~2|");
}
