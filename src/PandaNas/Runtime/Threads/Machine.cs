using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace PandaNas.Runtime.Threads;

/// <summary>The machine that this process runs on: its name, and what it can do beyond what .NET tells.</summary>
internal static class Machine
{
    private const string Information = "/proc/cpuinfo";

    // CPUID leaf 7: AVX512-BF16 in EAX of sub-leaf 1, AMX-BF16 in EDX of sub-leaf 0.
    private const int FeatureLeaf = 7;
    private const int Avx512BFloat16 = 1 << 5;
    private const int AmxBFloat16 = 1 << 22;

    /// <summary>The processor's name as the system tells it, else its architecture.</summary>
    public static string ProcessorName { get; } = ReadProcessorName();

    /// <summary>Processor, how many of them this process may use, and the operating system: what decides how fast a network runs.</summary>
    public static string Description { get; } =
        $"{ProcessorName}, {Environment.ProcessorCount} logical processors, {RuntimeInformation.RuntimeIdentifier}";

    /// <summary>Whether the processor multiplies bfloat16 numbers faster than float32 ones: AVX512-BF16 or AMX-BF16.</summary>
    public static bool ComputesBFloat16 { get; } = DetectBFloat16();

    private static string ReadProcessorName()
    {
        string? line = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal))
            : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    private static bool DetectBFloat16()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < FeatureLeaf) return false;
        (int subLeaves, _, _, int features) = X86Base.CpuId(FeatureLeaf, 0);
        return (features & AmxBFloat16) != 0
            || (subLeaves >= 1 && Avx512F.IsSupported && (X86Base.CpuId(FeatureLeaf, 1).Eax & Avx512BFloat16) != 0);
    }
}
