using System.Runtime.InteropServices;

namespace PandaNas.Runtime.Torch;

/// <summary>
/// Switches of torch that nothing in TorchSharp reaches: methods of its global context, called by the names that GCC and Clang give
/// them. Where torch is built otherwise, on Windows that is, they do nothing. Torch must be loaded already.
/// </summary>
internal static unsafe class TorchContext
{
    private const string GlobalContext = "_ZN2at13globalContextEv";

    /// <summary>
    /// Turns NNPACK off, the library that torch may use for convolutions on one thread. Where a processor lacks what it needs, torch
    /// says so on standard error at every convolution: thousands of lines that hide the progress.
    /// </summary>
    public static void TurnOffNnPack() => Set("_ZN2at7Context20setUserEnabledNNPACKEb", false);

    /// <summary>Has cuDNN use only algorithms that give the same bits again.</summary>
    public static void MakeCuDnnDeterministic() => Set("_ZN2at7Context21setDeterministicCuDNNEb", true);

    private static void Set(string method, bool value)
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libtorch_cpu.so", out nint torch)) return;
        if (!NativeLibrary.TryGetExport(torch, GlobalContext, out nint context) || !NativeLibrary.TryGetExport(torch, method, out nint set))
            return;
        ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), value ? (byte)1 : (byte)0);
    }
}
