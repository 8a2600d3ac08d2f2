using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace PandaNas.Runtime.Files;

/// <summary>
/// Files that are either whole or not there: written under a temporary name beside the target, flushed to the disk, renamed. A
/// failure removes the temporary file and leaves what stood under the name.
/// </summary>
internal static partial class AtomicFile
{
    /// <summary>Writes a file through <paramref name="write"/>, replacing one of the same name at the end.</summary>
    /// <exception cref="RunFailedException">The disk is full or the place cannot be written; the message names the file.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = TemporaryName(path);
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            if (IsFailureToWrite(error)) throw CannotWrite(path, error);
            throw;
        }
    }

    /// <summary>Writes a text file (UTF-8, no byte-order mark) the same way.</summary>
    /// <exception cref="RunFailedException">The disk is full or the place cannot be written.</exception>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>
    /// Appends text to a file, and waits until it is on the disk. A killed process may leave a part of it: who reads the file drops that.
    /// </summary>
    /// <exception cref="RunFailedException">The disk is full or the place cannot be written.</exception>
    public static void AppendText(string path, string text) => Append(path, System.Text.Encoding.UTF8.GetBytes(text));

    /// <summary>Appends bytes to a file in the same way.</summary>
    /// <exception cref="RunFailedException">The disk is full or the place cannot be written.</exception>
    public static void Append(string path, ReadOnlySpan<byte> bytes) => Change(path, FileMode.Append, bytes, null);

    /// <summary>Takes the end of a file away.</summary>
    /// <exception cref="RunFailedException">The place cannot be written.</exception>
    public static void Cut(string path, long length) => Change(path, FileMode.Open, default, length);

    private static void Change(string path, FileMode mode, ReadOnlySpan<byte> more, long? length)
    {
        try
        {
            using var stream = new FileStream(path, mode, FileAccess.Write, FileShare.Read);
            if (length is { } left) stream.SetLength(left);
            stream.Write(more);
            stream.Flush(flushToDisk: true);
        }
        catch (Exception error) when (IsFailureToWrite(error))
        {
            throw CannotWrite(path, error);
        }
    }

    /// <summary>Makes a folder and those above it, unless they are there.</summary>
    /// <exception cref="RunFailedException">The disk is full or the place cannot be written.</exception>
    public static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception error) when (IsFailureToWrite(error))
        {
            throw CannotWrite(path, error);
        }
    }

    /// <summary>
    /// A new temporary name for a file or folder that will be renamed to <paramref name="path"/>: hidden, in the same folder,
    /// <c>.NAME.panda-PROCESS-RANDOM.tmp</c>. No other program gives such names, so what a killed process left can be told from others'
    /// files.
    /// </summary>
    public static string TemporaryName(string path)
    {
        string full = Path.GetFullPath(path);
#pragma warning disable RS0030 // The name must differ from those of other processes; it is gone once the file is whole.
        string random = RandomNumberGenerator.GetHexString(8, lowercase: true);
#pragma warning restore RS0030
        return Path.Combine(Path.GetDirectoryName(full) ?? ".", $".{Path.GetFileName(full)}.panda-{Environment.ProcessId}-{random}.tmp");
    }

    /// <summary>
    /// Removes files and folders with such names directly in a folder, none below and none that is a link. The caller holds the
    /// folder's lock, so that no process is writing there.
    /// </summary>
    public static void DeleteLeftovers(string folder)
    {
        // Hidden names are what is looked for, so no attribute may be skipped.
        var directly = new EnumerationOptions { AttributesToSkip = 0 };
        foreach (FileSystemInfo entry in new DirectoryInfo(folder).GetFileSystemInfos("*", directly))
            if (TemporaryNames().IsMatch(entry.Name) && entry.LinkTarget is null) TryDelete(entry);
    }

    /// <summary>Whether an error says that a place cannot be written: full, forbidden, gone, or the file too large.</summary>
    public static bool IsFailureToWrite(Exception error) => error is IOException or UnauthorizedAccessException || IsTooLarge(error);

    /// <summary>Turns an error of writing into one that names the file and says what to do.</summary>
    public static RunFailedException CannotWrite(string path, Exception error) => new(
        $"cannot write '{path}': {Reason(error)}. Earlier results are intact; free space or choose another place, then run again.", error);

    // The runtime adds the path it was given, which may be a temporary one.
    private static string Reason(Exception error) =>
        IsTooLarge(error) ? "the file is larger than the system allows" : error.Message.Split(" : '")[0].TrimEnd('.');

    // So the runtime reports EFBIG, of a quota of the shell or a file system with small files.
    private static bool IsTooLarge(Exception error) => error is ArgumentOutOfRangeException { ParamName: "value" };

    private static void TryDelete(string path) => TryDelete(new FileInfo(path));

    private static void TryDelete(FileSystemInfo entry)
    {
        try
        {
            if (entry is DirectoryInfo directory) directory.Delete(recursive: true);
            else entry.Delete();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The first error is the one to report; the next run removes what stays.
        }
    }

    [GeneratedRegex(@"^\..+\.panda-[0-9]+-[0-9a-f]{8}\.tmp$", RegexOptions.CultureInvariant)]
    private static partial Regex TemporaryNames();
}
