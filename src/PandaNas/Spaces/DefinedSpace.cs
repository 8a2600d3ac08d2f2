using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>A cell of a <see cref="DefinedSpace"/>: its edges are so many choices one after the other, in the order of the graph.</summary>
/// <param name="Graph">Nodes and edges.</param>
/// <param name="FirstChoice">The choice of the first edge.</param>
public sealed record DefinedSpaceCell(CellGraph Graph, int FirstChoice);

/// <summary>
/// A space that a user defined: every choice is between operations, and an architecture is written as their names in the order of the
/// choices, with a dash between: <c>conv_3x3-skip-sep_5x5</c>.
/// </summary>
public sealed class DefinedSpace : SearchSpace
{
    private const char Separator = '-';

    private readonly ImmutableArray<bool> _carriesNothing;
    private readonly ImmutableArray<DefinedSpaceCell> _cells;

    /// <summary>Describes a space.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="operations">Its kinds of operation.</param>
    /// <param name="choices">Its choices.</param>
    /// <param name="carriesNothing">For every kind of operation, whether its output is zero.</param>
    /// <param name="cells">Which of the choices are edges of cells.</param>
    /// <exception cref="ArgumentException">A name has a dash, or a choice has no valid candidates.</exception>
    public DefinedSpace(
        string name, ImmutableArray<string> operations, ImmutableArray<OperationChoice> choices, ImmutableArray<bool> carriesNothing, ImmutableArray<DefinedSpaceCell> cells)
        : base(name, operations, ImmutableArray<Choice>.CastUp(choices))
    {
        if (operations.FirstOrDefault(operation => operation.Contains(Separator, StringComparison.Ordinal)) is { } bad)
            throw new ArgumentException($"operation '{bad}' must not have a '{Separator}' in its name");
        (_carriesNothing, _cells) = (carriesNothing, cells);
    }

    /// <summary>For every edge of a cell, whether the cell's output depends on it.</summary>
    public ImmutableArray<bool> LiveEdges(DefinedSpaceCell cell, Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(cell);
        return cell.Graph.LiveEdges(edge => !_carriesNothing[OperationAt(architecture, cell.FirstChoice + edge)!.Value]);
    }

    /// <inheritdoc/>
    public override string Format(Architecture architecture)
    {
        Check(architecture);
        return string.Join(Separator, Enumerable.Range(0, Choices.Length).Select(choice => Operations[OperationAt(architecture, choice)!.Value]));
    }

    /// <summary>The notation with a dot for every edge on which the output does not depend.</summary>
    public override string LiveGraphKey(Architecture architecture)
    {
        Check(architecture);
        string[] names = [.. Enumerable.Range(0, Choices.Length).Select(choice => Operations[OperationAt(architecture, choice)!.Value])];
        foreach (DefinedSpaceCell cell in _cells)
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
        if (names.Length != Choices.Length) throw Malformed(text, $"{Choices.Length} operations joined by '{Separator}', found {names.Length}");
        var candidates = new int[names.Length];
        for (int choice = 0; choice < names.Length; choice++)
        {
            ImmutableArray<int> offered = ((OperationChoice)Choices[choice]).Operations;
            int operation = Operations.IndexOf(names[choice]);
            candidates[choice] = operation < 0 ? -1 : offered.IndexOf(operation);
            if (candidates[choice] < 0)
                throw Malformed(text, $"{Choices[choice].Name} to be one of {string.Join(", ", offered.Select(one => Operations[one]))}, found '{Excerpt.Of(names[choice])}'");
        }
        return new Architecture(candidates);
    }

    private ArchitectureFormatException Malformed(string text, string expected) =>
        new($"'{Excerpt.Of(text)}' is not an architecture of {Name}: expected {expected}. The first one is {Excerpt.Of(Format(At(0)))}");
}
