using System.Collections.Immutable;
using PandaNas.Costs;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;

namespace PandaNas.Supernets.Darts;

/// <summary>
/// The DARTS cell space (Liu, Simonyan and Yang 2019): a normal and a reduction cell, each of two inputs and four nodes; a node sums
/// two of the inputs and nodes before it, each after one of 7 operations; the cell's output is all nodes side by side. About 10¹⁸
/// architectures, written as genotypes: <see cref="DartsGenotype"/>.
/// </summary>
/// <remarks>
/// An architecture has for every node a choice of the pair of edges (where there is more than one pair), which has no operations, and
/// two choices of an operation: on the edge from the lower source, then on the other. So every architecture is encoded once.
/// </remarks>
internal sealed class DartsSpace : SearchSpace
{
    /// <summary>Index of 3×3 max pooling.</summary>
    public const int MaxPool3x3 = 0;
    /// <summary>Index of 3×3 average pooling that leaves the padding out of the mean.</summary>
    public const int AveragePool3x3 = 1;
    /// <summary>Index of the identity; between sizes a factorized reduction.</summary>
    public const int SkipConnect = 2;
    /// <summary>Index of the 3×3 separable convolution, applied twice.</summary>
    public const int SeparableConvolution3x3 = 3;
    /// <summary>Index of the 5×5 separable convolution, applied twice.</summary>
    public const int SeparableConvolution5x5 = 4;
    /// <summary>Index of the 3×3 separable convolution of dilation 2.</summary>
    public const int DilatedConvolution3x3 = 5;
    /// <summary>Index of the 5×5 separable convolution of dilation 2.</summary>
    public const int DilatedConvolution5x5 = 6;

    /// <summary>Inputs of a cell: the outputs of the two cells before it.</summary>
    public const int Inputs = 2;

    /// <summary>Nodes of a cell that compute; numbered after the inputs, so 2 to 5.</summary>
    public const int Nodes = 4;

    private const int CellChoices = 3 * Nodes - 1;

    // For every node the pairs of sources it may keep, the lower first.
    private static readonly ImmutableArray<ImmutableArray<(int Low, int High)>> SourcePairs =
    [
        .. from node in Enumerable.Range(0, Nodes)
           select (from low in Enumerable.Range(0, node + Inputs)
                   from high in Enumerable.Range(0, node + Inputs)
                   where low < high
                   select (low, high)).ToImmutableArray(),
    ];

    /// <summary>What may stand on an edge, by its index.</summary>
    internal static ImmutableArray<Operation> EdgeOperations { get; } =
    [
        new PoolingOperation("max_pool_3x3", PoolingKind.Max, NormalizedInSupernets: true),
        new PoolingOperation("avg_pool_3x3", PoolingKind.Average, NormalizedInSupernets: true),
        new ReducingSkipOperation("skip_connect"),
        new TwiceSeparableConvolutionOperation("sep_conv_3x3", 3),
        new TwiceSeparableConvolutionOperation("sep_conv_5x5", 5),
        new SeparableConvolutionOperation("dil_conv_3x3", 3, Dilation: 2),
        new SeparableConvolutionOperation("dil_conv_5x5", 5, Dilation: 2),
    ];

    /// <summary>The space; it has no state, so one instance serves all.</summary>
    public static DartsSpace Instance { get; } = new();

    private DartsSpace()
        : base("darts", [.. EdgeOperations.Select(operation => operation.Name)], [.. MakeChoices("normal"), .. MakeChoices("reduce")])
    {
    }

    /// <summary>The eight edges of a cell: two a node, node after node, the lower source first.</summary>
    public static ImmutableArray<DartsEdge> Edges(Architecture architecture, DartsCellKind cell)
    {
        var edges = ImmutableArray.CreateBuilder<DartsEdge>(2 * Nodes);
        for (int node = 0; node < Nodes; node++)
        {
            (int low, int high) = SourcePairs[node][PairOf(architecture, cell, node)];
            int operation = OperationChoice(cell, node);
            edges.Add(new DartsEdge(low, architecture[operation]));
            edges.Add(new DartsEdge(high, architecture[operation + 1]));
        }
        return edges.MoveToImmutable();
    }

    /// <summary>
    /// The choice by which a node of the architecture's cell has exactly this edge, with this operation; null if it has not.
    /// </summary>
    /// <param name="architecture">The architecture.</param>
    /// <param name="cell">Which of its cells.</param>
    /// <param name="node">The node, from 0.</param>
    /// <param name="edge">The edge into it.</param>
    public static int? ChoiceOf(Architecture architecture, DartsCellKind cell, int node, DartsEdge edge)
    {
        (int low, int high) = SourcePairs[node][PairOf(architecture, cell, node)];
        int operation = OperationChoice(cell, node);
        if (edge == new DartsEdge(low, architecture[operation])) return operation;
        return edge == new DartsEdge(high, architecture[operation + 1]) ? operation + 1 : null;
    }

    /// <summary>The architecture with these edges, two a node, node after node; the two of a node in either order.</summary>
    /// <exception cref="ArgumentException">The edges do not make a cell.</exception>
    public static Architecture FromEdges(IReadOnlyList<DartsEdge> normal, IReadOnlyList<DartsEdge> reduction)
    {
        var candidates = new int[2 * CellChoices];
        Encode(normal, DartsCellKind.Normal, candidates);
        Encode(reduction, DartsCellKind.Reduction, candidates);
        var architecture = new Architecture(candidates);
        Instance.Check(architecture);
        return architecture;
    }

    /// <inheritdoc/>
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return DartsGenotype.Write(this, architecture);
    }

    /// <inheritdoc/>
    public override Architecture Parse(string text) => DartsGenotype.Read(this, text);

    private static IEnumerable<Choice> MakeChoices(string cell)
    {
        ImmutableArray<int> operations = [.. Enumerable.Range(0, EdgeOperations.Length)];
        for (int node = 0; node < Nodes; node++)
        {
            string name = $"{cell} node {node + Inputs}";
            if (SourcePairs[node].Length > 1) yield return new Choice($"{name} edges", SourcePairs[node].Length);
            yield return new Choice($"{name} lower edge", operations);
            yield return new Choice($"{name} upper edge", operations);
        }
    }

    // The first node has a single pair and so no choice of it.
    private static int OperationChoice(DartsCellKind cell, int node) => (int)cell * CellChoices + 3 * node;

    private static int PairOf(Architecture architecture, DartsCellKind cell, int node) =>
        node == 0 ? 0 : architecture[OperationChoice(cell, node) - 1];

    private static void Encode(IReadOnlyList<DartsEdge> edges, DartsCellKind cell, int[] candidates)
    {
        if (edges.Count != 2 * Nodes) throw new ArgumentException($"a cell has {2 * Nodes} edges, not {edges.Count}", nameof(edges));
        for (int node = 0; node < Nodes; node++)
        {
            (DartsEdge low, DartsEdge high) = (edges[2 * node], edges[2 * node + 1]);
            if (low.Source > high.Source) (low, high) = (high, low);
            int pair = SourcePairs[node].IndexOf((low.Source, high.Source));
            if (pair < 0)
                throw new ArgumentException($"node {node + Inputs} cannot have edges from {low.Source} and {high.Source}", nameof(edges));
            int operation = OperationChoice(cell, node);
            if (node > 0) candidates[operation - 1] = pair;
            (candidates[operation], candidates[operation + 1]) = (low.Operation, high.Operation);
        }
    }
}
