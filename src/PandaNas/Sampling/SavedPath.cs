using System.Collections.Immutable;

namespace PandaNas.Sampling;

/// <summary>Paths in saved states, which hold numbers only.</summary>
internal static class SavedPath
{
    /// <summary>The path that saved numbers are.</summary>
    /// <exception cref="BadDataException">A number is no candidate of its choice.</exception>
    public static int[] Read(ReadOnlySpan<double> saved, ImmutableArray<ImmutableArray<int>> choices, string name)
    {
        var path = new int[choices.Length];
        for (int choice = 0; choice < path.Length; choice++)
        {
            path[choice] = (int)saved[choice];
            if (path[choice] != saved[choice] || (uint)path[choice] >= (uint)choices[choice].Length)
                throw new BadDataException($"'{name}' of the saved sampler state has {saved[choice]} at choice {choice}, expected a candidate from 0 to {choices[choice].Length - 1}: it belongs to another space.");
        }
        return path;
    }
}
