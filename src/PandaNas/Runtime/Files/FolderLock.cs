using System.Globalization;

namespace PandaNas.Runtime.Files;

/// <summary>
/// Keeps other processes out of a folder by a locked file in it. The operating system releases the lock even when the process is
/// killed. Where names can be taken from open files, <see cref="RequireHeld"/> notices that the file or the folder is another one by now.
/// </summary>
internal sealed class FolderLock : IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "lock";

    // Linux appends it to the name of an open file that was removed.
    private const string RemovedSuffix = " (deleted)";

    private const int MostAttempts = 100;

    // Who asks whether a folder is locked shares the lock for a moment.
    private const int MostProbes = 5;
    private static readonly TimeSpan Probe = TimeSpan.FromMilliseconds(10);

    private readonly string _folder;
    private readonly FileStream _file;
    private readonly string? _place;

    private FolderLock(string folder, FileStream file) => (_folder, _file, _place) = (folder, file, PlaceOf(file));

    /// <summary>Locks a folder that exists.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="shared">Whether other processes that share it too may hold it at the same time.</param>
    /// <exception cref="RunFailedException">Another process holds the lock, or the file cannot be made.</exception>
    public static FolderLock Take(string folder, bool shared = false)
    {
        // Between opening and locking, the file may be removed and made anew by another process: then the new one decides.
        for (int attempt = 0; attempt < MostAttempts; attempt++)
        {
            var taken = new FolderLock(folder, Open(folder, shared));
            if (taken.IsHeld) return taken;
            taken.Dispose();
        }
        throw new RunFailedException(
            $"cannot lock '{folder}': something keeps removing its file '{FileName}'. "
            + $"Stop that, or choose another place with {Mention.Option("out", "the folder")}");
    }

    /// <summary>
    /// Whether another process, or another part of this one, holds the lock of a folder; false where that cannot be known.
    /// </summary>
    public static bool IsHeldElsewhere(string folder) => IsLocked(Path.Combine(folder, FileName));

    /// <summary>The same of a file that a process keeps to itself, which is only looked at.</summary>
    internal static bool IsLocked(string file)
    {
        if (!File.Exists(file) || FileStatus.SpecialKind(file) is not null) return false;
        try
        {
            using var shared = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return error is IOException and not (FileNotFoundException or DirectoryNotFoundException)
                && error.HResult != OpenFileLimit.ErrorCode;
        }
    }

    /// <summary>
    /// Throws unless the folder is still the one that was locked, and no other process can have locked it since. To be called before every
    /// write.
    /// </summary>
    /// <exception cref="RunFailedException">The folder was moved or replaced, or its lock removed.</exception>
    public void RequireHeld()
    {
        if (IsHeld) return;
        string? place = PlaceOf(_file);
        string what = place is null || place.EndsWith(RemovedSuffix, StringComparison.Ordinal)
            ? $"'{_folder}' was removed or replaced, or its file '{FileName}' was removed"
            : $"'{_folder}' was moved to '{Path.GetDirectoryName(place)}'";
        throw new RunFailedException(
            $"{what} while this process was writing there: nothing more is written, because another process may have begun there. "
            + $"Continue from what was saved before with {Mention.Option("resume", "resume")}");
    }

    /// <summary>Releases the lock; the file stays, because another process may be waiting to lock it.</summary>
    public void Dispose() => _file.Dispose();

    private bool IsHeld =>
        PlaceOf(_file) is { } place
            ? place == _place && !place.EndsWith(RemovedSuffix, StringComparison.Ordinal)
            : File.Exists(Path.Combine(_folder, FileName));

    private static FileStream Open(string folder, bool shared)
    {
        string file = Path.Combine(folder, FileName);
        for (int attempt = 1; ; attempt++)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, shared ? FileShare.ReadWrite : FileShare.None);
            }
            catch (IOException) when (attempt < MostProbes && File.Exists(file))
            {
                Thread.Sleep(Probe);
            }
            catch (IOException error) when (File.Exists(file))
            {
                throw new RunFailedException(
                    $"another process is writing into '{folder}': "
                    + $"wait for it, stop it, or choose another place with {Mention.Option("out", "the folder")}", error);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw AtomicFile.CannotWrite(file, error);
            }
        }
    }

    // Null where the system does not tell; Windows lets nobody move or remove a file that is open.
    private static string? PlaceOf(FileStream file) => OperatingSystem.IsLinux()
        ? new FileInfo(string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{file.SafeFileHandle.DangerousGetHandle()}")).LinkTarget
        : null;
}
