namespace PandaNas.Supernets.Darts;

/// <summary>The two kinds of DARTS cell.</summary>
internal enum DartsCellKind
{
    /// <summary>Keeps the size.</summary>
    Normal,

    /// <summary>Halves the size: its operations on the two inputs have stride 2.</summary>
    Reduction,
}

/// <summary>One edge into a node of a DARTS cell.</summary>
/// <param name="Source">Where it comes from: 0 and 1 are the cell's inputs, 2 to 4 its nodes.</param>
/// <param name="Operation">The operation on it, an index into <see cref="DartsSpace"/>'s operations.</param>
internal readonly record struct DartsEdge(int Source, int Operation);
