using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace PandaNas.Runtime.Files;

/// <summary>What the operating system says of a file without its being read.</summary>
internal static unsafe partial class FileStatus
{
    // From Linux's fcntl.h and stat.h, the same on every processor.
    private const int CurrentFolder = -100, EmptyPath = 0x1000;
    private const uint TypeOnly = 1, InodeOnly = 0x100;
    private const int StructBytes = 256, ModeAt = 28, InodeAt = 32;
    private const int TypeMask = 0xf000, Regular = 0x8000, Folder = 0x4000;

    /// <summary>A file's inode, links followed, which tells it from another one of the same path, size and time; 0 if unknown.</summary>
    public static ulong Inode(string path)
    {
        byte* status = stackalloc byte[StructBytes];
        return TryRead(CurrentFolder, path, 0, InodeOnly, status) ? *(ulong*)(status + InodeAt) : 0;
    }

    /// <summary>What lies at a path and is none of a file or folder, for example "a named pipe"; null otherwise, and if unknown.</summary>
    /// <remarks>Nothing is opened: a named pipe would wait for a writer for ever. Special files have no length.</remarks>
    public static string? SpecialKind(string path)
    {
        byte* status = stackalloc byte[StructBytes];
        return TryRead(CurrentFolder, path, 0, TypeOnly, status) ? SpecialKind(*(ushort*)(status + ModeAt)) : null;
    }

    /// <summary>What was opened instead of a regular file, in words; null for a regular file.</summary>
    public static string? Irregularity(SafeFileHandle handle)
    {
        byte* status = stackalloc byte[StructBytes];
        bool known = TryRead((int)handle.DangerousGetHandle(), "", EmptyPath, TypeOnly, status);
        GC.KeepAlive(handle);
        if (known)
        {
            int mode = *(ushort*)(status + ModeAt);
            if ((mode & TypeMask) == Regular) return null;
            if ((mode & TypeMask) == Folder) return "a folder";
            return SpecialKind(mode) is { } special ? $"{special}, not a regular file" : "no regular file";
        }
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

    private static string? SpecialKind(int mode) => (mode & TypeMask) switch
    {
        0x1000 => "a named pipe",
        0xC000 => "a socket",
        0x2000 or 0x6000 => "a device",
        _ => null,
    };

    private static bool TryRead(int folder, string path, int flags, uint wanted, byte* status)
    {
        if (!OperatingSystem.IsLinux()) return false;
        try
        {
            return Statx(folder, path, flags, wanted, status) == 0;
        }
        catch (EntryPointNotFoundException)
        {
            // Old C libraries do not have it.
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, byte* status);
}
