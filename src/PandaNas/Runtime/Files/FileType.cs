using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PandaNas.Runtime.Files;

/// <summary>Whether what was opened is a regular file.</summary>
internal static partial class FileType
{
    // From Linux's fcntl.h and stat.h, the same on every processor.
    private const int EmptyPath = 0x1000, TypeOnly = 1, ModeAt = 28, StructBytes = 256;
    private const int TypeMask = 0xf000, Regular = 0x8000;

    /// <summary>What it is instead, in words; null for a regular file.</summary>
    public static string? Of(SafeFileHandle handle)
    {
        if (TryMode(handle) is { } mode)
            return (mode & TypeMask) switch
            {
                Regular => null,
                0x1000 => "a named pipe, not a regular file",
                0x2000 or 0x6000 => "a device, not a regular file",
                0x4000 => "a folder",
                _ => "no regular file",
            };
        // Elsewhere: a pipe or a socket has no positions.
        try
        {
            _ = RandomAccess.GetLength(handle);
            return null;
        }
        catch (Exception error) when (error is NotSupportedException or IOException)
        {
            return "no regular file";
        }
    }

    private static unsafe int? TryMode(SafeFileHandle handle)
    {
        if (!OperatingSystem.IsLinux()) return null;
        byte* status = stackalloc byte[StructBytes];
        try
        {
            return Statx(handle, "", EmptyPath, TypeOnly, status) == 0 ? *(ushort*)(status + ModeAt) : null;
        }
        catch (EntryPointNotFoundException)
        {
            // Old C libraries do not have it.
            return null;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static unsafe partial int Statx(SafeFileHandle folder, string path, int flags, uint mask, byte* status);
}
