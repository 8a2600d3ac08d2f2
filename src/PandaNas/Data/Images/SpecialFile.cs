using System.Runtime.InteropServices;

namespace PandaNas.Data.Images;

/// <summary>Recognises what lies among files and is none, without opening it: a named pipe waits for a writer for ever.</summary>
internal static partial class SpecialFile
{
    private const int CurrentFolder = -100;
    private const uint TypeAndMode = 1;
    private const int StatusBytes = 256, ModeOffset = 28;

    /// <summary>What it is, for example "a named pipe"; null for files, and where the operating system does not say.</summary>
    /// <remarks>Special files have no length, so nothing else needs to be asked about.</remarks>
    public static string? KindOf(string path) => OperatingSystem.IsLinux() ? KindOnLinux(path) : null;

    private static string? KindOnLinux(string path)
    {
        Span<byte> status = stackalloc byte[StatusBytes];
        if (Statx(CurrentFolder, path, 0, TypeAndMode, ref MemoryMarshal.GetReference(status)) != 0) return null;
        return (MemoryMarshal.Read<ushort>(status[ModeOffset..]) & 0xF000) switch
        {
            0x1000 => "a named pipe",
            0xC000 => "a socket",
            0x2000 or 0x6000 => "a device",
            _ => null,
        };
    }

    // Of all calls that tell, the one whose result has the same layout on every processor.
    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Statx(int folder, string path, int flags, uint wanted, ref byte status);
}
