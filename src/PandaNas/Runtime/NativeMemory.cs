using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PandaNas.Runtime;

/// <summary>
/// Makes glibc's allocator keep large blocks instead of returning each to the kernel. Torch allocates and frees every activation
/// once a step; by default each one is mapped, faulted in page by page and unmapped again, which makes a step several times slower.
/// </summary>
internal static partial class NativeMemory
{
    // From glibc's malloc.h.
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int OneGibibyte = 1 << 30;

    /// <summary>Runs when the library is loaded, so before any torch call that goes through it; other C libraries are left alone.</summary>
#pragma warning disable CA2255 // A module initializer in a library: the setting must precede the first tensor, whoever makes it.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void KeepLargeBlocks()
    {
        if (!OperatingSystem.IsLinux()) return;
        try
        {
            _ = Mallopt(MmapThreshold, OneGibibyte);
            _ = Mallopt(TrimThreshold, OneGibibyte);
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl and others have no mallopt; everything works without it, only slower.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);
}
