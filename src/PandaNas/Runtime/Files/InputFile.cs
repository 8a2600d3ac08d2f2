using System.Runtime.InteropServices;
using System.Security;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace PandaNas.Runtime.Files;

/// <summary>
/// The only way in which files are opened for reading; a test makes sure of it. Regular files alone are read: named pipes, devices,
/// sockets and folders are refused without waiting for them. Whatever the file system has against a path becomes a clear error.
/// </summary>
internal static partial class InputFile
{
    private const int MissingEntry = 2, NotAFolder = 20;
    // Read only, not inherited, never the controlling terminal, and without waiting for the other end of a pipe.
    private const int OpenFlagsOfLinux = 0x80000 | 0x100 | 0x800;
    private const int OpenFlagsOfMacOS = 0x1000000 | 0x20000 | 0x4;

    // With a byte-order mark, so that readers drop it.
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: true, throwOnInvalidBytes: true);

    /// <summary>Opens a file.</summary>
    /// <exception cref="BadDataException">It is missing, no regular file, cannot be read, or its size is not that of its kind.</exception>
    /// <exception cref="RunFailedException">This process has too many files open.</exception>
    public static SafeFileHandle OpenHandle(string path, FileKind kind) => OpenHandle(path, kind, out _);

    /// <summary>Opens a file for reading from start to end.</summary>
    /// <exception cref="BadDataException">As with <see cref="OpenHandle(string, FileKind)"/>.</exception>
    public static FileStream Open(string path, FileKind kind) => new(OpenHandle(path, kind), FileAccess.Read, 1 << 16);

    /// <summary>All bytes of a file.</summary>
    /// <exception cref="BadDataException">As with <see cref="OpenHandle(string, FileKind)"/>.</exception>
    public static byte[] ReadBytes(string path, FileKind kind) => Guard(path, kind.Expected, () =>
    {
        using SafeFileHandle handle = OpenHandle(path, kind, out long length);
        byte[] bytes = GC.AllocateUninitializedArray<byte>(checked((int)length));
        int got = 0;
        // No more than was there when it was opened: a file that grows meanwhile stays within its kind's size.
        for (int more = -1; more != 0 && got < bytes.Length; got += more) more = RandomAccess.Read(handle, bytes.AsSpan(got), got);
        return got == bytes.Length ? bytes : bytes[..got];
    });

    /// <summary>The text of a file in UTF-8, without its byte-order mark.</summary>
    /// <exception cref="BadDataException">It is no such text, or as with <see cref="OpenHandle(string, FileKind)"/>.</exception>
    public static string ReadText(string path, FileKind kind)
    {
        ReadOnlySpan<byte> bytes = ReadBytes(path, kind);
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            return StrictUtf8.GetString(bytes);
        }
        catch (DecoderFallbackException error)
        {
            int line = 1 + bytes[..Math.Clamp(error.Index, 0, bytes.Length)].Count((byte)'\n');
            throw NotUtf8(path, line, kind, error);
        }
    }

    /// <summary>The lines of a text file in UTF-8, one after the other.</summary>
    /// <exception cref="BadDataException">While enumerating, as with <see cref="ReadText"/>.</exception>
    public static IEnumerable<string> ReadLines(string path, FileKind kind)
    {
        using TextReader reader = OpenText(path, kind);
        while (reader.ReadLine() is { } line) yield return line;
    }

    /// <summary>A text file in UTF-8, to read line by line.</summary>
    /// <exception cref="BadDataException">Also while reading, as with <see cref="ReadText"/>.</exception>
    public static TextReader OpenText(string path, FileKind kind) =>
        new LineReader(new StreamReader(Open(path, kind), StrictUtf8, detectEncodingFromByteOrderMarks: false), path, kind);

    /// <summary>Checks that a folder is there.</summary>
    /// <exception cref="BadDataException">It is missing or a file.</exception>
    public static void RequireFolder(string path, string expected)
    {
        if (Directory.Exists(path)) return;
        throw new BadDataException(File.Exists(path)
            ? $"'{path}' is a file; expected {expected}. Give the folder, unpacked if it is an archive."
            : $"the folder '{path}' does not exist, or the folder it is in may not be entered; expected {expected}. "
                + "Check the path and its permissions.");
    }

    /// <summary>Runs a read; errors of the file system become a <see cref="BadDataException"/> that names the path.</summary>
    public static T Guard<T>(string path, string expected, Func<T> read)
    {
        try
        {
            return read();
        }
        // Nothing is wrong with the file: no reader may take it for damaged and do without it.
        catch (IOException error) when (error.HResult == OpenFileLimit.ErrorCode)
        {
            throw TooManyOpen(error);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new BadDataException($"'{path}' is missing; expected {expected}. Check the path, or download or unpack it again.", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or SecurityException or NotSupportedException)
        {
            throw new BadDataException(
                $"cannot read '{path}': {error.Message.TrimEnd('.')}; expected {expected}. Check its permissions.", error);
        }
    }

    private static SafeFileHandle OpenHandle(string path, FileKind kind, out long length)
    {
        if (string.IsNullOrEmpty(path) || path.Contains('\0'))
            throw new BadDataException($"'{path}' is no path; expected that of {kind.Expected}.");
        if (Directory.Exists(path)) throw Unusable(path, kind, "is a folder");
        SafeFileHandle handle = OpenWithoutWaiting(path, kind);
        try
        {
            length = LengthOf(handle, path, kind);
            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }

    private static long LengthOf(SafeFileHandle handle, string path, FileKind kind)
    {
        if (FileStatus.Irregularity(handle) is { } other) throw Unusable(path, kind, $"is {other}");
        long length = Guard(path, kind.Expected, () => RandomAccess.GetLength(handle));
        if (length > kind.LargestBytes)
            throw new BadDataException(
                $"'{path}' has {length} bytes; expected {kind.Expected}, at most {kind.LargestBytes}. {kind.Remedy}");
        return length > 0 || kind.MayBeEmpty ? length : throw Unusable(path, kind, "is empty");
    }

    private static SafeFileHandle OpenWithoutWaiting(string path, FileKind kind)
    {
        if (!OperatingSystem.IsLinux() && !OperatingSystem.IsMacOS())
            return Guard(path, kind.Expected, () => File.OpenHandle(path, share: FileShare.ReadWrite | FileShare.Delete));
        SafeFileHandle handle = NativeOpen(path, OperatingSystem.IsLinux() ? OpenFlagsOfLinux : OpenFlagsOfMacOS);
        if (!handle.IsInvalid) return handle;
        int error = Marshal.GetLastPInvokeError();
        handle.Dispose();
        if (error == OpenFileLimit.ErrorCode) throw TooManyOpen(new IOException(Marshal.GetPInvokeErrorMessage(error), error));
        throw error is MissingEntry or NotAFolder
            ? Unusable(path, kind, "does not exist")
            : new BadDataException(
                $"cannot read '{path}': {Marshal.GetPInvokeErrorMessage(error)}; expected {kind.Expected}. {kind.Remedy}");
    }

    private static RunFailedException TooManyOpen(IOException error) => new(OpenFileLimit.Message, error);

    private static BadDataException Unusable(string path, FileKind kind, string what, Exception? inner = null) =>
        new($"'{path}' {what}; expected {kind.Expected}. {kind.Remedy}", inner);

    private static BadDataException NotUtf8(string path, int line, FileKind kind, Exception inner) =>
        new($"'{path}', line {line}: it is not UTF-8 text; expected {kind.Expected}. {kind.Remedy}", inner);

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle NativeOpen(string path, int flags);

    /// <summary>Counts lines, so that errors can name the one that cannot be read.</summary>
    private sealed class LineReader(StreamReader text, string path, FileKind kind) : TextReader
    {
        private int _line;

        public override string? ReadLine()
        {
            _line++;
            try
            {
                return Guard(path, kind.Expected, text.ReadLine);
            }
            catch (DecoderFallbackException error)
            {
                throw NotUtf8(path, _line, kind, error);
            }
        }

        public override int Read() => throw new NotSupportedException("read lines");

        protected override void Dispose(bool disposing)
        {
            if (disposing) text.Dispose();
        }
    }
}

/// <summary>What a file that is read should be, for limits and for errors.</summary>
/// <param name="Expected">What it is, for example "an IDX file".</param>
/// <param name="LargestBytes">The most bytes that such a file has.</param>
/// <param name="Remedy">What to do when it is not so: a sentence.</param>
internal sealed record FileKind(string Expected, long LargestBytes, string Remedy = "Check the path and its permissions.")
{
    /// <summary>Whether such a file can be empty.</summary>
    public bool MayBeEmpty { get; init; }
}
