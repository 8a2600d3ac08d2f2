using System.Runtime.CompilerServices;
using PandaNas.Runtime.Torch;

namespace PandaNas.Tests;

/// <summary>Tests compute as the command line does.</summary>
internal static class TunedProcess
{
#pragma warning disable CA2255 // The tests' own process, and no test may make a tensor before.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Tune() => TorchRuntime.TuneProcess();
}
