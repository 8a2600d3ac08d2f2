using System.Collections.Immutable;
using PandaNas.Supernets;

namespace PandaNas.Experiments;

/// <summary>The search spaces that options can name.</summary>
public static class SpaceCatalog
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<SpaceFamily> All { get; } = [new NasBench201Family(), new DartsFamily(), new ProxylessNasFamily()];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(family => family.Space.Name)];

    /// <summary>The space of that name.</summary>
    public static SpaceFamily Find(string name) => All.First(family => family.Space.Name == name);
}
