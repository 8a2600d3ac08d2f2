using System.Runtime.InteropServices;

namespace PandaNas.Runtime;

/// <summary>
/// Turns NNPACK off, the library that torch may use for convolutions on one thread. Where a processor lacks what it needs, torch
/// says so on standard error at every convolution: thousands of lines that hide the progress. Nothing in TorchSharp reaches the switch.
/// </summary>
internal static unsafe class NnPack
{
    // at::globalContext() and at::Context::setUserEnabledNNPACK(bool), as GCC and Clang name them.
    private const string GlobalContext = "_ZN2at13globalContextEv";
    private const string SetEnabled = "_ZN2at7Context20setUserEnabledNNPACKEb";

    /// <summary>Turns it off; does nothing where torch has no such switch. Torch must be loaded already.</summary>
    public static void TurnOff()
    {
        if (!OperatingSystem.IsLinux() || !NativeLibrary.TryLoad("libtorch_cpu.so", out nint torch)) return;
        if (!NativeLibrary.TryGetExport(torch, GlobalContext, out nint context) || !NativeLibrary.TryGetExport(torch, SetEnabled, out nint set)) return;
        ((delegate* unmanaged<nint, byte, void>)set)(((delegate* unmanaged<nint>)context)(), 0);
    }
}
