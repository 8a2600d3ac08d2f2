using System.Collections.Immutable;
using System.Numerics;

namespace PandaNas.Spaces;

/// <summary>
/// A set of architectures: which choices there are, which operations may stand at each, and how an architecture is written.
/// Holds no tensors. Immutable, so safe to share.
/// </summary>
public abstract class SearchSpace
{
    /// <summary>Describes a space by its operations and choices.</summary>
    /// <exception cref="ArgumentException">A choice has no candidate or an unknown operation.</exception>
    protected SearchSpace(string name, ImmutableArray<string> operations, ImmutableArray<Choice> choices)
    {
        foreach (Choice choice in choices)
        {
            if (choice.Candidates < 1) throw new ArgumentException($"choice {choice.Name} of {name} has no candidate");
            if (choice.Operations is { } candidates && candidates.Any(operation => (uint)operation >= (uint)operations.Length))
                throw new ArgumentException(
                    $"choice {choice.Name} of {name} has a candidate that is none of the {operations.Length} operations");
        }
        Name = name;
        Operations = operations;
        Choices = choices;
        Size = choices.Aggregate(BigInteger.One, (size, choice) => size * choice.Candidates);
    }

    /// <summary>The name by which options select the space, for example <c>nasbench201</c>.</summary>
    public string Name { get; }

    /// <summary>The kinds of operation, shared by all choices; path sampling keeps one probability for each.</summary>
    public ImmutableArray<string> Operations { get; }

    /// <summary>The decisions that make an architecture, in order.</summary>
    public ImmutableArray<Choice> Choices { get; }

    /// <summary>How many architectures the space has: the product of the candidate counts.</summary>
    public BigInteger Size { get; }

    /// <summary>Writes an architecture in the space's own notation.</summary>
    public abstract string Format(Architecture architecture);

    /// <summary>Reads an architecture from the space's own notation.</summary>
    /// <exception cref="FormatException">The text is not an architecture of this space.</exception>
    public abstract Architecture Parse(string text);

    /// <summary>
    /// A key of what is computed: two architectures with the same key are the same function of the same supernet weights, so one
    /// evaluation serves both.
    /// </summary>
    public virtual string LiveGraphKey(Architecture architecture) => Format(architecture);

    /// <summary>
    /// A key of the trained-from-scratch network: architectures with the same key are isomorphic, so their stand-alone accuracies
    /// differ by noise only.
    /// </summary>
    public virtual string IsomorphismKey(Architecture architecture) => LiveGraphKey(architecture);

    /// <summary>
    /// The kind of operation, an index into <see cref="Operations"/>, that the architecture takes at a choice; null where the choice
    /// is between something else.
    /// </summary>
    public int? OperationAt(Architecture architecture, int choice) =>
        Choices[choice].Operations?[architecture[choice]];

    /// <summary>The architecture with the given number in [0, <see cref="Size"/>); the last choice varies fastest.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number is outside the range.</exception>
    public Architecture At(BigInteger index)
    {
        if (index < 0 || index >= Size) throw new ArgumentOutOfRangeException(nameof(index), index, $"the space has {Size} architectures");
        var candidates = new int[Choices.Length];
        for (int choice = Choices.Length - 1; choice >= 0; choice--)
        {
            index = BigInteger.DivRem(index, Choices[choice].Candidates, out BigInteger candidate);
            candidates[choice] = (int)candidate;
        }
        return new Architecture(candidates);
    }

    /// <summary>Throws unless the architecture has one valid candidate for every choice.</summary>
    /// <exception cref="ArgumentException">The architecture is not of this space.</exception>
    public void Check(Architecture architecture)
    {
        ArgumentNullException.ThrowIfNull(architecture);
        if (architecture.Candidates.Length != Choices.Length)
            throw new ArgumentException(
                $"an architecture of {Name} has {Choices.Length} choices, this one has {architecture.Candidates.Length}");
        for (int choice = 0; choice < Choices.Length; choice++)
            if ((uint)architecture[choice] >= (uint)Choices[choice].Candidates)
                throw new ArgumentException(
                    $"choice {Choices[choice].Name} of {Name} has {Choices[choice].Candidates} candidates, "
                    + $"{architecture[choice]} is none of them");
    }
}
