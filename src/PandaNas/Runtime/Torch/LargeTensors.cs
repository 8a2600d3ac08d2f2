using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Runtime.Torch;

/// <summary>
/// Large tensors whose memory comes from plain <c>malloc</c>. Torch asks glibc for aligned blocks, and glibc (2.36 and others) gives one
/// only out of a free block that is larger by the alignment and a header: it never gives a freed block to the next tensor of the same
/// size. Training then takes twice the memory that it holds, all of it touched for the first time, which costs seconds per gigabyte where a
/// host hands out memory late.
/// </summary>
internal static unsafe partial class LargeTensors
{
    // Below this size torch's own blocks are as good.
    private const long Least = 1 << 18;

    // A cache line, and what the widest vectors want. The block's own address lies before the tensor's.
    private const int Alignment = 64;

    // Made once: whether TorchSharp still has the entry point with these parameters. Another version falls back to torch's blocks.
    private static readonly bool Works = OperatingSystem.IsLinux() && HasEntryPoint();

    /// <summary>An uninitialised, contiguous tensor on the CPU; null where it is small or torch must make it.</summary>
    public static Tensor? Empty(long[] shape, ScalarType type)
    {
        long bytes = type.ElementSize();
        foreach (long size in shape) bytes = checked(bytes * size);
        if (!Works || bytes < Least || Allocate(bytes) is not { } data) return null;
        fixed (long* sizes = shape)
        {
            nint handle = NewTensor(
                data, &Release, sizes, shape.Length, (sbyte)type, (sbyte)type, (int)DeviceType.CPU, -1, requiresGradient: 0);
            if (handle != 0) return Tensor.UnsafeCreateTensor(handle);
        }
        FreeBlock(data);
        return null;
    }

    private static nint? Allocate(long bytes)
    {
        nint block = Malloc((nuint)bytes + Alignment + (nuint)sizeof(nint));
        if (block == 0) return null;
        nint data = (block + sizeof(nint) + Alignment - 1) & -Alignment;
        ((nint*)data)[-1] = block;
        return data;
    }

    private static void FreeBlock(nint data) => Free(((nint*)data)[-1]);

    // Torch calls this when the last tensor over the memory is gone, on whatever thread that happens.
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Release(nint data) => FreeBlock(data);

    private static bool HasEntryPoint()
    {
        MethodInfo? method = typeof(torch).Assembly.GetType("TorchSharp.PInvoke.NativeMethods")?.GetMethod(
            "THSTensor_new", BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.Public);
        string[]? parameters = method is null ? null : [.. method.GetParameters().Select(parameter => parameter.ParameterType.Name)];
        return parameters is ["IntPtr", "GCHandleDeleter", "IntPtr", "Int32", "SByte", "SByte", "Int32", "Int32", "Boolean"];
    }

    [LibraryImport("LibTorchSharp", EntryPoint = "THSTensor_new")]
    private static partial nint NewTensor(
        nint data, delegate* unmanaged[Cdecl]<nint, void> deleter, long* sizes, int dimensions, sbyte type, sbyte target, int device,
        int index, byte requiresGradient);

    [LibraryImport("libc", EntryPoint = "malloc")]
    private static partial nint Malloc(nuint size);

    [LibraryImport("libc", EntryPoint = "free")]
    private static partial void Free(nint block);
}
