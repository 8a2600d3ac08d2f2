using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Spaces;

namespace PandaNas.Supernets.Darts;

/// <summary>
/// The text of a DARTS architecture as papers and released code print it:
/// <c>Genotype(normal=[('sep_conv_3x3', 0), …], normal_concat=range(2, 6), reduce=[…], reduce_concat=range(2, 6))</c>, two edges a node,
/// each an operation and its source. Read with the four parts in any order, the edges of a node in either order, single or double
/// quotes, lists or tuples, and the concatenation as <c>range(2, 6)</c> or <c>[2, 3, 4, 5]</c>; written in one form only.
/// </summary>
internal static class DartsGenotype
{
    private const string Form =
        "Genotype(normal=[('sep_conv_3x3', 0), …], normal_concat=range(2, 6), reduce=[…], reduce_concat=range(2, 6)) with 8 edges a cell";
    private static readonly string[] Parts = ["normal", "normal_concat", "reduce", "reduce_concat"];

    /// <summary>Writes an architecture.</summary>
    public static string Write(DartsSpace space, Architecture architecture) =>
        $"Genotype(normal=[{Write(space, DartsSpace.Edges(architecture, DartsCellKind.Normal))}], normal_concat=range(2, 6), "
        + $"reduce=[{Write(space, DartsSpace.Edges(architecture, DartsCellKind.Reduction))}], reduce_concat=range(2, 6))";

    /// <summary>Reads an architecture.</summary>
    /// <exception cref="ArchitectureFormatException">The text is not a genotype of the space.</exception>
    public static Architecture Read(DartsSpace space, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            return ReadParts(space, new GenotypeScanner(text));
        }
        catch (ArchitectureFormatException error)
        {
            throw new ArchitectureFormatException($"'{Excerpt.Of(text)}' is not a DARTS architecture: {error.Message}. The form is {Form}");
        }
    }

    private static Architecture ReadParts(DartsSpace space, GenotypeScanner scanner)
    {
        var cells = new Dictionary<string, ImmutableArray<DartsEdge>>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        scanner.Take("Genotype");
        scanner.Take("(");
        do
        {
            string part = scanner.TakeName(Parts);
            if (!seen.Add(part)) throw new ArchitectureFormatException($"'{part}' stands twice");
            scanner.Take("=");
            if (part.EndsWith("concat", StringComparison.Ordinal)) ReadConcatenation(scanner, part);
            else cells.Add(part, ReadCell(space, scanner, part));
        }
        while (scanner.TryTake(",") && !scanner.Sees(")"));
        scanner.Take(")");
        scanner.TakeEnd();
        if (Array.Find(Parts, part => !seen.Contains(part)) is { } missing)
            throw new ArchitectureFormatException($"'{missing}' is missing");
        return DartsSpace.FromEdges(cells["normal"], cells["reduce"]);
    }

    private static ImmutableArray<DartsEdge> ReadCell(DartsSpace space, GenotypeScanner scanner, string part)
    {
        ImmutableArray<DartsEdge> edges = [.. scanner.TakeList(() => ReadEdge(space, scanner))];
        if (edges.Length != 2 * DartsSpace.Nodes)
            throw new ArchitectureFormatException(
                $"'{part}' has {edges.Length} edges, expected {2 * DartsSpace.Nodes}: two for each of {DartsSpace.Nodes} nodes");
        for (int edge = 0; edge < edges.Length; edge++)
        {
            int node = edge / 2 + DartsSpace.Inputs, source = edges[edge].Source;
            if (source < 0 || source >= node)
                throw new ArchitectureFormatException(
                    $"edge {edge + 1} of '{part}' comes from {source}, but node {node} can only use 0 to {node - 1}");
            if (edge % 2 == 1 && source == edges[edge - 1].Source)
                throw new ArchitectureFormatException($"both edges of node {node} of '{part}' come from {source}, expected two sources");
        }
        return edges;
    }

    private static DartsEdge ReadEdge(DartsSpace space, GenotypeScanner scanner)
    {
        string close = scanner.TakeOpening();
        string name = scanner.TakeQuoted();
        int operation = space.Operations.IndexOf(name);
        if (operation < 0)
            throw new ArchitectureFormatException(
                $"the operation '{Excerpt.Of(name)}' is unknown, expected one of {string.Join(", ", space.Operations)}");
        scanner.Take(",");
        int source = scanner.TakeNumber();
        scanner.Take(close);
        return new DartsEdge(source, operation);
    }

    // The output is always all four nodes: other concatenations belong to other spaces.
    private static void ReadConcatenation(GenotypeScanner scanner, string part)
    {
        int[] nodes;
        if (scanner.TryTake("range"))
        {
            scanner.Take("(");
            int from = scanner.TakeNumber();
            scanner.Take(",");
            int to = scanner.TakeNumber();
            scanner.Take(")");
            nodes = from == DartsSpace.Inputs && to == DartsSpace.Inputs + DartsSpace.Nodes
                ? [.. Enumerable.Range(DartsSpace.Inputs, DartsSpace.Nodes)]
                : [];
        }
        else
        {
            nodes = [.. scanner.TakeList(scanner.TakeNumber)];
        }
        if (!nodes.SequenceEqual(Enumerable.Range(DartsSpace.Inputs, DartsSpace.Nodes)))
            throw new ArchitectureFormatException($"'{part}' is not range(2, 6), the concatenation of all nodes");
    }

    private static string Write(DartsSpace space, ImmutableArray<DartsEdge> edges) =>
        string.Join(
            ", ", edges.Select(
                edge => string.Create(CultureInfo.InvariantCulture, $"('{space.Operations[edge.Operation]}', {edge.Source})")));
}
