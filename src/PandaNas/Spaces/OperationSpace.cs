using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// A cell of an <see cref="OperationSpace"/>: its edges are so many choices one after the other, in the order of the graph.
/// </summary>
/// <param name="Number">Its number in the space, from 0.</param>
/// <param name="Graph">Nodes and edges.</param>
/// <param name="FirstChoice">The choice of the first edge.</param>
internal sealed record SpaceCell(int Number, CellGraph Graph, int FirstChoice);

/// <summary>What an <see cref="OperationSpace"/> is made of.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Operations">Its kinds of operation.</param>
/// <param name="Choices">Its choices.</param>
/// <param name="CarriesNothing">For every kind of operation, whether its output is zero.</param>
/// <param name="Cells">Which of the choices are edges of cells.</param>
internal sealed record SpaceOutline(
    string Name, ImmutableArray<string> Operations, ImmutableArray<Choice> Choices, ImmutableArray<bool> CarriesNothing,
    ImmutableArray<SpaceCell> Cells);

/// <summary>
/// A space in which every choice is between operations, of layers or of the edges of cells. Unless it has a notation of its own, an
/// architecture is written as the names of its operations in the order of the choices, with a dash between: <c>conv_3x3-skip-sep_5x5</c>.
/// </summary>
/// <param name="outline">What it is made of.</param>
/// <exception cref="ArgumentException">A choice has no valid candidates.</exception>
internal class OperationSpace(SpaceOutline outline) : SearchSpace(outline.Name, outline.Operations, outline.Choices)
{
    private const char Separator = '-';

    /// <summary>Its cells.</summary>
    public ImmutableArray<SpaceCell> Cells => outline.Cells;

    /// <summary>A sentence on how architectures are written, for error messages.</summary>
    protected virtual string Form => $"The first one is {Excerpt.Of(Format(At(0)))}";

    /// <summary>For every edge of a cell, whether its operation carries anything.</summary>
    public ImmutableArray<bool> CarryingEdges(SpaceCell cell, Architecture architecture) =>
        [.. Enumerable.Range(0, cell.Graph.Edges.Length).Select(edge => Carries(cell, architecture, edge))];

    /// <summary>For every edge of a cell, whether the cell's output depends on it.</summary>
    public ImmutableArray<bool> LiveEdges(SpaceCell cell, Architecture architecture) =>
        cell.Graph.LiveEdges(edge => Carries(cell, architecture, edge));

    /// <inheritdoc/>
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return string.Join(Separator, Names(architecture));
    }

    /// <summary>The notation with a dot for every edge on which the output does not depend.</summary>
    public override string LiveGraphKey(Architecture architecture)
    {
        Check(architecture);
        string[] names = [.. Names(architecture)];
        foreach (SpaceCell cell in Cells)
        {
            ImmutableArray<bool> live = LiveEdges(cell, architecture);
            for (int edge = 0; edge < live.Length; edge++)
                if (!live[edge]) names[cell.FirstChoice + edge] = ".";
        }
        return string.Join(Separator, names);
    }

    /// <inheritdoc/>
    public override Architecture Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] names = text.Trim().Split(Separator);
        if (names.Length != Choices.Length)
            throw Malformed(text, $"{Choices.Length} operations joined by '{Separator}', found {names.Length}");
        var candidates = new int[names.Length];
        for (int choice = 0; choice < names.Length; choice++)
        {
            ImmutableArray<int> offered = OfferedAt(choice);
            int operation = Operations.IndexOf(names[choice]);
            candidates[choice] = operation < 0 ? -1 : offered.IndexOf(operation);
            if (candidates[choice] < 0)
                throw Malformed(
                    text,
                    $"{Choices[choice].Name} to be one of {string.Join(", ", offered.Select(one => Operations[one]))}, "
                    + $"found '{Excerpt.Of(names[choice])}'");
        }
        return new Architecture(candidates);
    }

    private IEnumerable<string> Names(Architecture architecture) =>
        Enumerable.Range(0, Choices.Length).Select(choice => Operations[OfferedAt(choice)[architecture[choice]]]);

    private bool Carries(SpaceCell cell, Architecture architecture, int edge) =>
        !outline.CarriesNothing[OfferedAt(cell.FirstChoice + edge)[architecture[cell.FirstChoice + edge]]];

    private ImmutableArray<int> OfferedAt(int choice) => Choices[choice].Operations!.Value;

    private ArchitectureFormatException Malformed(string text, string expected) =>
        new($"'{Excerpt.Of(text)}' is not an architecture of {Name}: expected {expected}. {Form}");
}
