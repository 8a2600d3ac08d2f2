using System.Collections.Immutable;
using PandaNas.Supernets;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>The search spaces that options can name.</summary>
public static class SpaceCatalog
{
    /// <summary>The built-in ones.</summary>
    public static ImmutableArray<SpaceFamily> All { get; } = [new NasBench201Family(), new DartsFamily(), new ProxylessNasFamily()];

    /// <summary>Their names.</summary>
    public static ImmutableArray<string> Names { get; } = [.. All.Select(family => family.Space.Name)];

    /// <summary>The one that runs have unless they say otherwise.</summary>
    public static NamedSpace Standard { get; } = NamedSpace.Of(All[0]);

    /// <summary>The space that a text names.</summary>
    /// <param name="text">The name of a space, or the path of a YAML file that defines one.</param>
    /// <param name="known">Spaces beside the built-in ones.</param>
    /// <exception cref="BadOptionException">There is no such space; the message names the nearest one.</exception>
    /// <exception cref="BadDataException">The file is missing or does not define a space.</exception>
    public static NamedSpace Find(string text, ImmutableArray<NamedSpace> known)
    {
        if (known.FirstOrDefault(space => space.Text == text) is { } own) return own;
        if (All.FirstOrDefault(family => family.Space.Name == text) is { } builtIn) return NamedSpace.Of(builtIn);
        if (SpaceFile.IsPath(text)) return SpaceFile.Read(text);
        string[] names = [.. Names, .. known.Select(space => space.Text)];
        throw new BadOptionException($"'{text}' is unknown. Did you mean '{NearestName.Of(text, names)}'? Possible: {string.Join(", ", names)}, or the path of a .yaml file that defines a space");
    }
}
