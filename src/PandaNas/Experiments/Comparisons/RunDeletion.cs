using System.Collections.Immutable;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Comparisons;

/// <summary>What was deleted.</summary>
/// <param name="Run">The run's folder.</param>
/// <param name="Files">How many files.</param>
/// <param name="Bytes">How many bytes they had.</param>
/// <param name="Left">What still lies in the folder, because no run wrote it or because it is a link; empty if the folder is gone.</param>
internal sealed record DeletedRun(string Run, int Files, long Bytes, ImmutableArray<string> Left);

/// <summary>
/// Deletes runs: only what a run consists of, by its names, never through a link, and no run that a process is writing. What says that
/// the folder is a run goes last, so that a deletion that was cut short can be repeated.
/// </summary>
internal sealed class RunDeletion
{
    private int _files;
    private long _bytes;

    /// <summary>Deletes a run, and of what holds other runs all of them.</summary>
    /// <param name="path">Its folder.</param>
    /// <exception cref="BadDataException">It is no run of ours, or so damaged that what belongs to it cannot be known.</exception>
    /// <exception cref="RunFailedException">
    /// A process is writing into it, or it cannot be deleted; what is left can be deleted later.
    /// </exception>
    public static DeletedRun Delete(string path)
    {
        RunDirectory.RequireRun(path);
        string folder = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (new DirectoryInfo(folder).LinkTarget is { } target)
            throw new BadDataException($"'{path}' is a link to '{target}', and links are not followed: name the folder itself");
        var deletion = new RunDeletion();
        var opened = new List<RunDirectory>();
        try
        {
            // All are locked before anything goes.
            opened.Add(RunDirectory.Open(folder));
            foreach (string run in RunsIn(folder)) opened.Add(RunDirectory.Open(run));
            foreach (RunDirectory run in opened.AsEnumerable().Reverse()) deletion.DeleteParts(run);
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw new RunFailedException(
                $"cannot delete all of '{folder}': {error.Message.TrimEnd('.')}. Delete it again when that is mended", error);
        }
        finally
        {
            foreach (RunDirectory run in opened) run.Dispose();
        }
        return new DeletedRun(folder, deletion._files, deletion._bytes, [.. LeftIn(folder)]);
    }

    // Those that are there. Names come from a file: none leads out of the folder.
    private static IEnumerable<string> RunsIn(string folder)
    {
        if (RunDirectory.KindOf(folder) == RunKind.Auto)
            return AutoExperiment.RunsOf(folder).Where(run => IsFolder(run) && RunDirectory.Exists(run));
        if (RunDirectory.KindOf(folder) != RunKind.Comparison) return [];
        string[] runs = [.. ComparisonExperiment.RunsOf(folder, RunDirectory.ReadFacts(folder)).Select(run => run.Folder)];
        string pilots = Path.Combine(folder, ComparisonExperiment.PilotsName);
        if (IsFolder(pilots)) runs = [.. runs, .. Directory.GetDirectories(pilots)];
        return runs.Where(run => IsFolder(run) && RunDirectory.Exists(run)
            && Path.GetDirectoryName(Path.GetFullPath(run)) is { } above && (above == folder || above == pilots));
    }

    private void DeleteParts(RunDirectory run)
    {
        run.RequireHeld();
        run.RemoveLeftovers();
        // In the folder of a retraining it was exported by somebody who may want to keep it.
        if (RunDirectory.KindOf(run.Path) == RunKind.Auto) DeleteFile(run.File(AutoExperiment.ModelFile));
        foreach (string part in RunDirectory.PartsOf(run.Path)) DeletePart(part);
        DeleteFile(RunDirectory.FactsPathOf(run.Path));
        DeleteIfEmpty(Path.Combine(run.Path, ComparisonExperiment.PilotsName));
        string place = Path.Combine(run.Path, FolderLock.FileName);
        // Windows deletes no file that is open.
        if (OperatingSystem.IsWindows()) run.Dispose();
        DeleteFile(place);
        run.Dispose();
        DeleteIfEmpty(run.Path);
    }

    private void DeletePart(string part)
    {
        if (!IsFolder(part))
        {
            DeleteFile(part);
            return;
        }
        switch (Path.GetFileName(part))
        {
            case "checkpoints":
                DeleteCheckpoints(part);
                break;
            case LabelTraining.FolderName:
                foreach (string label in Directory.GetDirectories(part).Where(IsFolder))
                {
                    DeleteCheckpoints(label);
                    DeleteIfEmpty(label);
                }
                break;
            case "scores" or "rankings":
                foreach (string file in Directory.GetFiles(part).Where(path => Path.GetExtension(path) is ".csv" or ".json"))
                    DeleteFile(file);
                break;
            case JobDivision.ClaimsName:
                foreach (string file in Directory.GetFiles(part, "*.claim")) DeleteFile(file);
                break;
            default:
                return;
        }
        DeleteIfEmpty(part);
    }

    private void DeleteCheckpoints(string folder)
    {
        foreach (string checkpoint in Directory.GetDirectories(folder).Where(path => Checkpoints.IsName(Path.GetFileName(path))))
        {
            if (!IsFolder(checkpoint)) continue;
            foreach (string name in Checkpoints.FileNames) DeleteFile(Path.Combine(checkpoint, name));
            DeleteIfEmpty(checkpoint);
        }
    }

    private void DeleteFile(string path)
    {
        var file = new FileInfo(path);
        if (!file.Exists || file.LinkTarget is not null || FileStatus.SpecialKind(path) is not null) return;
        long bytes = file.Length;
        file.Delete();
        _files++;
        _bytes += bytes;
    }

    private static void DeleteIfEmpty(string folder)
    {
        if (IsFolder(folder) && !LeftIn(folder).Any()) Directory.Delete(folder);
    }

    private static bool IsFolder(string path) => new DirectoryInfo(path) is { Exists: true, LinkTarget: null };

    private static IEnumerable<string> LeftIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFileSystemEntries(folder).Select(path => Path.GetFileName(path)).Order() : [];
}
