using System.Runtime.InteropServices;

namespace PandaNas.Runtime.Torch;

/// <summary>
/// Makes glibc's allocator keep large blocks instead of returning each to the kernel. Torch allocates and frees every activation
/// once per step; by default each one is mapped, faulted in page by page and unmapped again, which makes a step several times slower.
/// </summary>
internal static partial class NativeMemory
{
    /// <summary>Set to 1, the allocator stays as the system has it: what a program that knows nothing of this would get.</summary>
    public const string DefaultAllocatorVariable = "PANDA_DEFAULT_ALLOCATOR";

    // From glibc's malloc.h.
    private const int TrimThreshold = -1;
    private const int MmapThreshold = -3;
    private const int ArenaMaximum = -8;
    // From Linux's mman-common.h.
    private const int HugePages = 14;
    private const int Never = -1;
    private const nint PageSize = 4096;
    // From Linux's resource.h.
    private const int AddressSpace = 9;
    internal const ulong Unlimited = ulong.MaxValue;
    private const int Block = 1 << 29;
    private const int LargestBlock = 1 << 30;

    /// <summary>Sets the process's allocator; C libraries other than glibc are left alone. Best before the first tensor.</summary>
    public static void KeepLargeBlocks()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(DefaultAllocatorVariable) == "1") return;
        try
        {
            _ = Mallopt(MmapThreshold, LargestBlock);
            _ = Mallopt(TrimThreshold, Never);
            // One heap for all threads: those of the thread pool would have small ones that are unmapped when empty.
            _ = Mallopt(ArenaMaximum, 1);
            ReserveHugePages();
        }
        catch (Exception error) when (error is EntryPointNotFoundException or DllNotFoundException)
        {
            // musl and others have no mallopt; everything works without it, only slower.
        }
    }

    /// <summary>How much address space the heap takes in advance.</summary>
    /// <param name="available">Bytes of memory that this process may use: the machine's, or the limit of its container.</param>
    /// <param name="addressSpace">Bytes of address space that it may use.</param>
    internal static long HeapInAdvance(long available, ulong addressSpace) => addressSpace == Unlimited ? available / 2 / Block * Block : 0;

    // Grows the heap once, without touching it, and asks for huge pages there: a fault for every 2 MiB instead of every 4 KiB.
    private static unsafe void ReserveHugePages()
    {
        ulong* limits = stackalloc ulong[2];
        ulong addressSpace = GetLimit(AddressSpace, limits) == 0 ? limits[0] : Unlimited;
        long inAdvance = HeapInAdvance(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes, addressSpace);
        var blocks = new List<nint>();
        for (long reserved = 0; reserved < inAdvance; reserved += Block)
            if (NativeMalloc(Block) is var block and not 0) blocks.Add(block);
            else break;
        foreach (nint block in blocks)
        {
            nint page = (block + PageSize - 1) & -PageSize;
            _ = Advise(page, (nuint)(Block - PageSize), HugePages);
        }
        foreach (nint block in blocks) Free(block);
    }

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static unsafe partial int GetLimit(int resource, ulong* limits);

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int Mallopt(int parameter, int value);

    [LibraryImport("libc", EntryPoint = "malloc")]
    private static partial nint NativeMalloc(nuint size);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint block);

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
