using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace PandaNas.Runtime.Files;

/// <summary>
/// Divides named work among processes, also of several machines, that see one folder: whoever is first to make a file of the name has the
/// work, until it deletes the file or is dead. No clocks are compared, and no file system needs to know locks.
/// </summary>
/// <remarks>
/// A claim of generation g is <c>NAME.g.claim</c>. Taking over from a dead process is making generation g + 1, which one of many can do.
/// The owner holds a lock of its file and writes a new number into it all the time. A claim is dead if nobody holds its lock and either
/// that is proof, on one machine with a file system that knows locks, or the number has not changed for long while this process looked
/// on, as on file systems whose locks end at the machine. An owner that was only asleep for so long finds that it has lost, see
/// <see cref="FileClaim.Lost"/>.
/// </remarks>
/// <param name="folder">Where the files are; made when it is needed.</param>
/// <param name="clock">Measures how long a claim is silent.</param>
/// <param name="patience">How long it may be; null is a minute.</param>
internal sealed partial class FileClaims(string folder, TimeProvider clock, TimeSpan? patience = null)
{
    private const string Extension = ".claim";

    private static readonly TimeSpan UsualPatience = TimeSpan.FromMinutes(1);
    private static readonly FileKind Kind = new("a claim of a process", 1 << 16) { MayBeEmpty = true };

    private readonly TimeSpan _patience = patience ?? UsualPatience;
    private readonly Dictionary<string, Sighting> _seen = new(StringComparer.Ordinal);
    private bool? _locksWork;

    // What was last read of a claim, since when it has been the same, and whether somebody is known to be behind it.
    private sealed record Sighting(int Generation, string Text, long Since, bool IsAlive);

    /// <summary>Takes work that nobody has, or that a dead process had; null if another has it or may have it.</summary>
    /// <exception cref="RunFailedException">The folder cannot be written.</exception>
    public FileClaim? TryTake(string name)
    {
        AtomicFile.CreateFolder(folder);
        int current = LatestOf(name);
        if (current > 0 && !IsDead(name, current)) return null;
        if (Create(PathOf(name, current + 1)) is not { } file) return null;
        var claim = new FileClaim(
            file, PathOf(name, current + 1), () => LatestOf(name) == current + 1, new JsonObject
            {
                ["host"] = Environment.MachineName,
                ["process"] = Environment.ProcessId,
                ["kernel"] = Kernel,
                ["job"] = Job,
                ["since"] = clock.GetUtcNow().ToString("u", CultureInfo.InvariantCulture),
            },
            _patience / 12);
        _seen.Remove(name);
        // Another took over this very generation, and somebody from that one, between looking and making.
        if (claim.Lost.IsCancellationRequested || LatestOf(name) != current + 1)
        {
            claim.Dispose();
            return null;
        }
        for (int older = current; older > 0 && File.Exists(PathOf(name, older)); older--) File.Delete(PathOf(name, older));
        return claim;
    }

    /// <summary>Whether the last attempt to take work found that another process has it and is alive.</summary>
    public bool IsKnownAlive(string name) => _seen.TryGetValue(name, out Sighting? seen) && seen.IsAlive;

    /// <summary>Who had the work when this process last tried to take it, in words; null if that is not known.</summary>
    public string? OwnerOf(string name)
    {
        try
        {
            return _seen.TryGetValue(name, out Sighting? seen) && JsonNode.Parse(seen.Text) is JsonObject owner
                ? $"process {owner["process"]} on {owner["host"]}{(owner["job"] is { } job ? $", job {job}" : "")}"
                : null;
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }

    /// <summary>Whether a process, as far as locks are seen here, has any of the work that is divided in a folder.</summary>
    public static bool IsAnyHeld(string folder)
    {
        try
        {
            return Directory.Exists(folder) && Directory.EnumerateFiles(folder, "*" + Extension).Any(FolderLock.IsLocked);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // Removed at this moment, or of somebody else.
            return false;
        }
    }

    /// <summary>Removes all claims, once there is nothing more to claim.</summary>
    public void RemoveAll()
    {
        if (!Directory.Exists(folder)) return;
        foreach (string file in Directory.GetFiles(folder, "*" + Extension)) File.Delete(file);
        try
        {
            Directory.Delete(folder);
        }
        catch (IOException)
        {
            // Who looks for work at this moment has made another.
        }
    }

    // Slurm's name of the job, or of its place in an array.
    private static string? Job =>
        Environment.GetEnvironmentVariable("SLURM_ARRAY_JOB_ID") is { Length: > 0 } array
            ? $"{array}_{Environment.GetEnvironmentVariable("SLURM_ARRAY_TASK_ID")}"
            : Environment.GetEnvironmentVariable("SLURM_JOB_ID");

    // Differs from start to start of a machine, and is the same in its containers; null where there is no telling.
    private static string? Kernel { get; } = ReadKernel();

    private static string? ReadKernel()
    {
        const string Path = "/proc/sys/kernel/random/boot_id";
        try
        {
            return File.Exists(Path) ? File.ReadLines(Path).FirstOrDefault() : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private string PathOf(string name, int generation) =>
        Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{name}.{generation}{Extension}"));

    private int LatestOf(string name) => !Directory.Exists(folder) ? 0 : Directory.GetFileSystemEntries(folder, $"{name}.*{Extension}")
        .Select(path => Generation().Match(Path.GetFileName(path)[name.Length..]))
        .Where(match => match.Success)
        .Select(match => int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture))
        .DefaultIfEmpty().Max();

    private bool IsDead(string name, int generation)
    {
        string path = PathOf(name, generation);
        if (Read(path) is not { } text) return false;
        Sighting? before = _seen.GetValueOrDefault(name);
        bool isSame = before is not null && before.Generation == generation && before.Text == text;
        // An owner locks its file before it writes.
        bool isLocked = text.Length > 0 && IsLocked(path);
        if (!isLocked && text.Length > 0 && Kernel is not null && KernelIn(text) == Kernel && LocksWork) return true;
        bool isAlive = isLocked || (isSame ? before!.IsAlive : before?.Generation == generation);
        _seen[name] = isSame && !isLocked ? before! : new Sighting(generation, text, clock.GetTimestamp(), isAlive);
        return !isLocked && isSame && clock.GetElapsedTime(before!.Since) >= _patience;
    }

    private static string? KernelIn(string text)
    {
        try
        {
            return (JsonNode.Parse(text) as JsonObject)?["kernel"]?.GetValue<string>();
        }
        catch (Exception error) when (error is System.Text.Json.JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    private bool LocksWork => _locksWork ??= DoLocksWork(AtomicFile.TemporaryName(Path.Combine(folder, "probe")));

    private static bool DoLocksWork(string probe)
    {
        using var file = new FileStream(
            probe, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1, FileOptions.DeleteOnClose);
        return IsLocked(probe);
    }

    // Shares the lock for a moment if it is free.
    private static bool IsLocked(string path)
    {
        try
        {
            using var shared = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
            return false;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
        catch (IOException)
        {
            return true;
        }
    }

    private static string? Read(string path)
    {
        try
        {
            return InputFile.ReadText(path, Kind);
        }
        catch (BadDataException)
        {
            // Gone: its work is done or given back.
            return null;
        }
    }

    private static FileStream? Create(string path)
    {
        try
        {
            return new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 1);
        }
        catch (Exception error) when ((error is IOException or UnauthorizedAccessException) && Path.Exists(path))
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            // Removed since it was made, by one that found all done.
            return null;
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(path, error);
        }
    }

    [GeneratedRegex(@"^\.([0-9]{1,9})\.claim$", RegexOptions.CultureInvariant)]
    private static partial Regex Generation();
}

/// <summary>Work that this process has; gives it back when it is disposed.</summary>
internal sealed class FileClaim : IDisposable
{
    private readonly FileStream _file;
    private readonly string _path;
    private readonly Func<bool> _isLatest;
    private readonly JsonObject _owner;
    private readonly CancellationTokenSource _lost = new();
    private readonly ManualResetEventSlim _end = new();
    private readonly Thread _beats;
    private long _beat;
    private bool _isDisposed;

    /// <summary>A claim whose file was just made.</summary>
    /// <param name="file">The file, locked.</param>
    /// <param name="path">Its path.</param>
    /// <param name="isLatest">Whether nobody has taken over.</param>
    /// <param name="owner">What it says of this process.</param>
    /// <param name="between">Time between signs of life.</param>
    public FileClaim(FileStream file, string path, Func<bool> isLatest, JsonObject owner, TimeSpan between)
    {
        (_file, _path, _isLatest, _owner) = (file, path, isLatest, owner);
        Beat();
        _beats = new Thread(() =>
        {
            while (!_end.Wait(between) && !_lost.IsCancellationRequested) Beat();
        })
        { IsBackground = true, Name = "keep a claim" };
        _beats.Start();
    }

    /// <summary>
    /// Cancelled when this process was taken for dead, because it showed no sign of life for too long, and another has the work.
    /// </summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Gives the work back.</summary>
    public void Dispose()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _end.Set();
        _beats.Join();
        if (!_lost.IsCancellationRequested && _isLatest()) File.Delete(_path);
        _file.Dispose();
        _end.Dispose();
        _lost.Dispose();
    }

    private void Beat()
    {
        try
        {
            if (!_isLatest())
            {
                _lost.Cancel();
                return;
            }
            _owner["beat"] = string.Create(CultureInfo.InvariantCulture, $"{++_beat:D9}");
            _file.Position = 0;
            _file.Write(System.Text.Encoding.UTF8.GetBytes(_owner.ToJsonString()));
            // Other machines see what the server has.
            _file.Flush(flushToDisk: true);
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            // A full disk or a lost server: the next attempt may succeed, and if not, others take over.
        }
    }
}
