using System.Collections.Immutable;
using PandaNas.Experiments.Comparisons;

namespace PandaNas.Reporting.Overviews;

/// <summary>Finds the runs below a folder, without following links.</summary>
internal static class RunFolders
{
    /// <summary>Folders deeper than so many below the given one are not looked into.</summary>
    public const int Deepest = 5;

    // Images lie in folders that have no end; hidden ones are of other programs.
    private static readonly EnumerationOptions Directly = new()
    {
        AttributesToSkip = FileAttributes.ReparsePoint | FileAttributes.Hidden,
        IgnoreInaccessible = true,
    };

    /// <summary>The folders of runs in and below a folder, in the order of their names; those of a comparison after it.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadOptionException">There is no such folder.</exception>
    public static ImmutableArray<string> Below(string folder)
    {
        RequireFolder(folder);
        var found = ImmutableArray.CreateBuilder<string>();
        Add(Path.GetFullPath(folder), 0, found);
        return found.ToImmutable();
    }

    /// <summary>Throws unless a folder is there that may hold runs.</summary>
    /// <exception cref="BadOptionException">There is none.</exception>
    public static void RequireFolder(string folder)
    {
        if (string.IsNullOrWhiteSpace(folder)) throw new BadOptionException($"'{folder}' names no folder: name one that holds runs");
        if (!Directory.Exists(folder))
            throw new BadOptionException($"the folder '{folder}' does not exist: name one that holds runs, for example '.'");
    }

    private static void Add(string folder, int depth, ImmutableArray<string>.Builder found)
    {
        bool isRun = RunSummary.IsRun(folder);
        if (isRun) found.Add(folder);
        if (depth >= Deepest || (isRun && !HoldsRuns(folder))) return;
        foreach (string below in Subfolders(folder)) Add(below, depth + 1, found);
    }

    // The pilots of a comparison only measured how long epochs take.
    private static IEnumerable<string> Subfolders(string folder)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(folder, "*", Directly)
                .Where(path => Path.GetFileName(path) != ComparisonExperiment.PilotsName)
                .Order(StringComparer.Ordinal)];
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    private static bool HoldsRuns(string folder) => File.Exists(Path.Combine(folder, ComparisonPlan.FileName));
}
