using System.Collections.Immutable;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Supernets;

namespace PandaNas.Cli;

/// <summary>The command line <c>panda</c> as a part of other programs, which bring spaces of their own.</summary>
public static class PandaProgram
{
    /// <summary>Runs a command line as <c>panda</c> would, where <c>--space</c> also takes the names of some more spaces.</summary>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="spaces">Spaces beside the built-in ones.</param>
    /// <returns>The exit code: 0 done, 1 failed, 2 wrong usage, 3 bad data, 130 interrupted.</returns>
    /// <exception cref="ArgumentException">Two spaces have one name, or one has that of a built-in space.</exception>
    public static int Run(string[] arguments, params ReadOnlySpan<SpaceFamily> spaces)
    {
        string[] names = [.. SpaceCatalog.Names, .. spaces.ToArray().Select(family => family.Space.Name)];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1)?.Key is { } twice)
            throw new ArgumentException($"two spaces are named '{twice}': give one of them another name", nameof(spaces));
        ImmutableArray<NamedSpace> own = [.. spaces.ToArray().Select(NamedSpace.Of)];
        return OpenFiles.Guard(() => PandaCommand.Run(arguments, Console.Out, Console.Error, own));
    }
}
