using System.Text.Json.Nodes;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.SpaceFiles;

/// <summary>
/// The definition of a run's space, kept in the run's folder: later stages read it there and need the original file no more.
/// </summary>
internal static class StoredSpace
{
    /// <summary>The definition's name in a run's folder.</summary>
    public const string FileName = NamedSpace.KeptName;

    private const string HashFact = "space_sha256";

    /// <summary>Keeps the space of a new run, if a file defines it.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="space">The space.</param>
    /// <param name="facts">Receive the definition's hash.</param>
    /// <returns>The space as the run's options name it from now on.</returns>
    public static NamedSpace Keep(string folder, NamedSpace space, JsonObject facts)
    {
        if (space.Definition is null) return space;
        AtomicFile.WriteText(Path.Combine(folder, FileName), space.Definition);
        facts[HashFact] = space.Identity;
        return space with { Text = FileName };
    }

    /// <summary>The space that a run keeps; null for one of a space that is written in code.</summary>
    /// <param name="folder">The run's folder.</param>
    /// <param name="facts">The run's facts.</param>
    /// <exception cref="BadDataException">The definition is missing or changed.</exception>
    public static NamedSpace? Read(string folder, JsonObject facts) =>
        facts[HashFact]?.ToString() is { } expected ? Read(folder, expected) : null;

    /// <summary>The space that a folder keeps.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="expected">The definition's hash.</param>
    /// <exception cref="BadDataException">The definition is missing or changed.</exception>
    public static NamedSpace Read(string folder, string expected)
    {
        string path = Path.Combine(folder, FileName);
        NamedSpace space = SpaceFile.Read(path);
        return space.Identity == expected
            ? space with { Text = FileName }
            : throw new BadDataException($"'{path}' is not the definition with which the run was started: restore it, or start a new run");
    }
}
