using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace PandaNas.Runtime.Threads;

/// <summary>
/// Runs a loop body on the very threads that torch computes with. On Linux these are GNU OpenMP's: entering its parallel region
/// costs a microsecond and adds no thread, whereas the thread pool would fight with torch's spinning workers for the processors.
/// </summary>
internal static unsafe class ParallelRegion
{
    /// <summary>Into how many parts work of a size is worth dividing: one per torch thread, but none below a least size.</summary>
    /// <param name="size">How much there is to do, in elements touched.</param>
    /// <param name="least">The least size of a part that pays for starting it.</param>
    public static int PartsFor(long size, long least) => (int)Math.Clamp(size / least, 1, torch.get_num_threads());

    /// <summary>Calls the body once for every part, in parallel where there is more than one.</summary>
    /// <param name="parts">How many parts.</param>
    /// <param name="body">Takes the part's number; must not touch tensors, whose scopes belong to the calling thread.</param>
    public static void For(int parts, Action<int> body)
    {
        if (parts == 1)
        {
            body(0);
            return;
        }
        if (!OpenMp.IsLoaded)
        {
            Parallel.For(0, parts, body);
            return;
        }
        var region = new Region(body, parts);
        GCHandle handle = GCHandle.Alloc(region);
        try
        {
            OpenMp.RunTeam(parts, &Enter, GCHandle.ToIntPtr(handle));
        }
        finally
        {
            handle.Free();
        }
        region.Error?.Throw();
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Enter(nint data)
    {
        var region = (Region)GCHandle.FromIntPtr(data).Target!;
        try
        {
            // OpenMP may give fewer threads than asked for; every part is still done once, and each writes to a place of its own.
            while (Interlocked.Increment(ref region.Next) - 1 is var part && part < region.Parts) region.Body(part);
        }
        catch (Exception error)
        {
            // Nothing may be thrown through native frames.
            region.Error = ExceptionDispatchInfo.Capture(error);
        }
    }

    private sealed class Region(Action<int> body, int parts)
    {
        public readonly Action<int> Body = body;
        public readonly int Parts = parts;
        public int Next;
        public volatile ExceptionDispatchInfo? Error;
    }
}
