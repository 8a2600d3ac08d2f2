using System.Collections.Immutable;
using PandaNas.Supernets;

namespace PandaNas.Experiments;

/// <summary>The search spaces that options can name.</summary>
public static class SpaceCatalog
{
    private static readonly ImmutableArray<SpaceFamily> Families = [new NasBench201Family()];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. Families.Select(family => family.Space.Name)];

    /// <summary>The space of that name.</summary>
    public static SpaceFamily Find(string name) => Families.First(family => family.Space.Name == name);
}
