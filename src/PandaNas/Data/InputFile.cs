using System.Security;

namespace PandaNas.Data;

/// <summary>Opens the user's files and folders; whatever the file system has against it becomes a clear error.</summary>
internal static class InputFile
{
    /// <summary>Opens a file for reading from start to end.</summary>
    /// <param name="path">The file.</param>
    /// <param name="expected">What it should be, for the error: "the training labels of ...".</param>
    /// <exception cref="BadDataException">It is missing, empty, a folder, or cannot be read.</exception>
    public static FileStream Open(string path, string expected)
    {
        FileStream file = Guard(path, expected, () =>
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan));
        if (file.Length > 0) return file;
        file.Dispose();
        throw new BadDataException($"'{path}' is empty; expected {expected}. Download or unpack it again.");
    }

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
}
