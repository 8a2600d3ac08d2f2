using System.Diagnostics;
using System.Runtime.InteropServices;
using TorchSharp;

namespace PandaNas.Runtime.Threads;

/// <summary>GNU's OpenMP, with which torch computes on Linux: the very copy that torch has loaded.</summary>
internal static unsafe partial class OpenMp
{
    private static readonly delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void> GompParallel;
    private static readonly delegate* unmanaged[Cdecl]<int> GompProcessors;

    static OpenMp()
    {
        if (!OperatingSystem.IsLinux()) return;
        // Torch must have loaded its copy first, under whatever file name the package gives it.
        _ = torch.get_num_threads();
        using var process = Process.GetCurrentProcess();
        string? library = process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(name => Path.GetFileName(name).StartsWith("libgomp", StringComparison.Ordinal));
        if (library is null || !NativeLibrary.TryLoad(library, out nint handle)) return;
        if (!NativeLibrary.TryGetExport(handle, "GOMP_parallel", out nint parallel)) return;
        if (!NativeLibrary.TryGetExport(handle, "omp_get_num_procs", out nint processors)) return;
        GompProcessors = (delegate* unmanaged[Cdecl]<int>)processors;
        GompParallel = (delegate* unmanaged[Cdecl]<delegate* unmanaged[Cdecl]<nint, void>, nint, uint, uint, void>)parallel;
    }

    /// <summary>Whether there is one; nothing else here may be called otherwise.</summary>
    public static bool IsLoaded => GompParallel != null;

    /// <summary>How many processors it counts on.</summary>
    public static int Processors => GompProcessors();

    /// <summary>Runs a body on the calling thread and others of its team at the same time; they may be fewer than asked for.</summary>
    /// <param name="threads">How many.</param>
    /// <param name="body">Called by each of them with <paramref name="argument"/>; must not throw.</param>
    /// <param name="argument">For the body.</param>
    public static void RunTeam(int threads, delegate* unmanaged[Cdecl]<nint, void> body, nint argument) =>
        GompParallel(body, argument, (uint)threads, 0);
}
