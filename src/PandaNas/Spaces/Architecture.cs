using System.Collections.Immutable;

namespace PandaNas.Spaces;

/// <summary>
/// One architecture (a path through the supernet): for every choice of its space, in order, the index of the candidate taken.
/// Immutable; equal when all candidates are equal.
/// </summary>
public sealed class Architecture : IEquatable<Architecture>
{
    private readonly int _hash;

    /// <summary>Takes the candidate indices, one per choice; <see cref="SearchSpace.Check"/> tells whether they fit a space.</summary>
    public Architecture(ReadOnlySpan<int> candidates)
    {
        Candidates = [.. candidates];
        var hash = new HashCode();
        foreach (int candidate in candidates) hash.Add(candidate);
        _hash = hash.ToHashCode();
    }

    /// <summary>The candidate taken at every choice, in the order of <see cref="SearchSpace.Choices"/>.</summary>
    public ImmutableArray<int> Candidates { get; }

    /// <summary>The candidate taken at one choice.</summary>
    public int this[int choice] => Candidates[choice];

    /// <summary>This architecture with another candidate at one choice.</summary>
    public Architecture With(int choice, int candidate) => new(Candidates.SetItem(choice, candidate).AsSpan());

    /// <inheritdoc/>
    public bool Equals(Architecture? other) => other is not null && Candidates.AsSpan().SequenceEqual(other.Candidates.AsSpan());

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Architecture);

    /// <inheritdoc/>
    public override int GetHashCode() => _hash;

    /// <summary>The candidate indices joined by dashes; <see cref="SearchSpace.Format"/> gives the space's own notation.</summary>
    public override string ToString() => string.Join('-', Candidates);
}
