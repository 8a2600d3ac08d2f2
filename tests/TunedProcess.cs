using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PandaNas.Runtime.Torch;

namespace PandaNas.Tests;

/// <summary>
/// Tests compute as the command line does, but they run beside each other: threads that wait for each other must sleep, for the processors
/// that they would keep are wanted by other tests. The process's own neighbours are none that the library notices.
/// </summary>
internal static partial class TunedProcess
{
    private const string WaitPolicy = "OMP_WAIT_POLICY", Sleeping = "passive";

#pragma warning disable CA2255 // The tests' own process, and no test may make a tensor before.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Tune()
    {
        if (OperatingSystem.IsLinux() && Environment.GetEnvironmentVariable(WaitPolicy) is null)
        {
            // For the processes that tests start, and for torch in this one, which reads what .NET does not write.
            Environment.SetEnvironmentVariable(WaitPolicy, Sleeping);
            _ = SetEnvironment(WaitPolicy, Sleeping, 1);
        }
        TorchRuntime.TuneProcess();
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);
}
