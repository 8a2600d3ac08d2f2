using PandaNas.Spaces;
using PandaNas.Supernets.Layers;

namespace PandaNas.Supernets.Definitions;

/// <summary>What the places of a network need to know of a path, found out once for all of them.</summary>
/// <param name="path">The path.</param>
/// <param name="deadToo">Whether edges on which the output does not depend are computed too.</param>
/// <param name="cells">How many different cells the space has.</param>
internal sealed class PathPlan(Architecture path, bool deadToo, int cells)
{
    private readonly CellPlan?[] _cells = new CellPlan?[cells];

    /// <summary>The path.</summary>
    public Architecture Path => path;

    /// <summary>Whether edges on which the output does not depend are computed too.</summary>
    public bool DeadToo => deadToo;

    /// <summary>The plan of a cell, by its number in the space: all places where it stands have the same.</summary>
    public ref CellPlan? Cell(int number) => ref _cells[number];
}

/// <summary>What the places of a cell compute.</summary>
/// <param name="Computed">Whether each edge is computed.</param>
/// <param name="Reads">What is read of each node; of the last one by whatever comes next.</param>
internal sealed record CellPlan(bool[] Computed, Reads[] Reads);
