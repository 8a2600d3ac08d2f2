using System.Runtime.InteropServices;
using System.Text;

namespace PandaNas.Runtime.Files;

/// <summary>What tells a file from another one of the same path, size and time.</summary>
internal static unsafe partial class FileIdentity
{
    private const int CurrentFolder = -100, InodeOffset = 32, StatxBytes = 256;
    private const uint WantInode = 0x100;

    /// <summary>The file's inode, links followed; 0 where the system does not tell.</summary>
    public static ulong Of(string path)
    {
        if (!OperatingSystem.IsLinux()) return 0;
        byte* found = stackalloc byte[StatxBytes];
        try
        {
            fixed (byte* name = Encoding.UTF8.GetBytes(path + '\0'))
                return Statx(CurrentFolder, name, 0, WantInode, found) == 0 ? *(ulong*)(found + InodeOffset) : 0;
        }
        catch (EntryPointNotFoundException)
        {
            return 0;
        }
    }

    [LibraryImport("libc", EntryPoint = "statx")]
    private static partial int Statx(int folder, byte* path, int flags, uint mask, byte* found);
}
