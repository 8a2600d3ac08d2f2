using PandaNas.Runtime.Threads;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Runtime.Torch;

/// <summary>Threads and devices of torch.</summary>
public static class TorchRuntime
{
    private static int _isTuned;

    /// <summary>
    /// Prepares the whole process for training on processors; a program calls it once at its start, before its first tensor. Networks
    /// compute the same bits without it, several times slower. Calling it again does nothing.
    /// </summary>
    /// <remarks>
    /// What it changes, on Linux only: glibc's allocator keeps large blocks instead of returning each to the kernel, in one heap that
    /// takes address space for half of the memory in advance and asks for huge pages; torch's threads sleep while they wait for each
    /// other as long as other programs need the processors, unless <c>OMP_WAIT_POLICY</c> or <c>GOMP_SPINCOUNT</c> is set; and NNPACK is
    /// turned off, which torch would otherwise complain of at every convolution on processors that it does not know. Torch itself is
    /// loaded, and its part of this done, by the first <see cref="UseThreads"/>, with which every run of this library begins.
    /// </remarks>
    public static void TuneProcess()
    {
        if (Interlocked.Exchange(ref _isTuned, 1) == 0) NativeMemory.KeepLargeBlocks();
    }

    /// <summary>Sets the number of threads for the whole process.</summary>
    /// <param name="threads">1 or more, or 0 for one per processor.</param>
    /// <returns>The number in force.</returns>
    /// <exception cref="RunFailedException">Torch cannot be loaded; the message names the package to add.</exception>
    public static int UseThreads(int threads)
    {
        RequireNative();
        set_num_threads(threads > 0 ? threads : Environment.ProcessorCount);
        int inForce = get_num_threads();
        if (Volatile.Read(ref _isTuned) == 1)
        {
            TorchContext.TurnOffNnPack();
            WaitingThreads.Watch(inForce);
        }
        return inForce;
    }

    /// <summary>Returns the name if it is written as a device is.</summary>
    /// <exception cref="BadOptionException">It is not.</exception>
    public static string CheckDeviceName(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        bool known = name is "cpu" or "cuda"
            || (name.StartsWith("cuda:", StringComparison.Ordinal) && uint.TryParse(name.AsSpan(5), out _));
        return known ? name : throw new BadOptionException($"'{name}' is unknown; expected cpu, cuda or cuda:INDEX");
    }

    /// <summary>
    /// The device of that name, ready for use. On a GPU torch is told to compute float32 as such, without rounding factors to TF32, and
    /// to give the same bits again.
    /// </summary>
    /// <exception cref="BadOptionException">This build or machine does not have it.</exception>
    public static Device OpenDevice(string name)
    {
        if (CheckDeviceName(name) == "cpu") return CPU;
        if (!TryInitializeCuda())
            throw new BadOptionException(
                $"device '{name}' is not available: it takes an NVIDIA GPU with its driver and a build with -p:Torch=cuda. "
                + $"Use {Mention.Option("device")} cpu, or rebuild.");
        int index = name == "cuda" ? 0 : int.Parse(name.AsSpan(5), System.Globalization.CultureInfo.InvariantCulture);
        if (index >= cuda.device_count())
            throw new BadOptionException(
                $"device '{name}' is not available: this machine has {cuda.device_count()} GPU(s), numbered from 0");
        TorchContext.MakeCuDnnDeterministic();
        backends.cudnn.allow_tf32 = false;
        backends.cuda.matmul.allow_tf32 = false;
        return device(DeviceType.CUDA, index);
    }

    /// <summary>Throws unless torch can be loaded; what TorchSharp says is a page of places in which it looked.</summary>
    /// <exception cref="RunFailedException">It cannot; the message names the package to add.</exception>
    internal static void RequireNative()
    {
        try
        {
            _ = get_num_threads();
        }
        catch (Exception error) when (error.GetBaseException() is NotSupportedException or DllNotFoundException or BadImageFormatException)
        {
            string system = System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier;
            string package = OperatingSystem.IsWindows() ? "libtorch-cpu-win-x64"
                : OperatingSystem.IsMacOS() ? "libtorch-cpu-osx-arm64"
                : "libtorch-cpu-linux-x64";
            throw new RunFailedException(
                $"torch's native library is not there for {system}: reference the package PandaNas in the program itself, "
                + $"or add the package {package} to it",
                error);
        }
    }

    private static bool TryInitializeCuda()
    {
        try
        {
            return cuda.is_available();
        }
        catch (Exception error) when (error is NotSupportedException or TypeInitializationException or DllNotFoundException)
        {
            return false;
        }
    }
}
