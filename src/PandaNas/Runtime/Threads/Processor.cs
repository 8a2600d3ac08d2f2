using System.Runtime.Intrinsics.X86;

namespace PandaNas.Runtime.Threads;

/// <summary>What the processor can do beyond what .NET tells.</summary>
public static class Processor
{
    // CPUID leaf 7: AVX512-BF16 in EAX of sub-leaf 1, AMX-BF16 in EDX of sub-leaf 0.
    private const int FeatureLeaf = 7;
    private const int Avx512BFloat16 = 1 << 5;
    private const int AmxBFloat16 = 1 << 22;

    /// <summary>Whether it multiplies bfloat16 numbers faster than float32 ones: AVX512-BF16 or AMX-BF16.</summary>
    public static bool ComputesBFloat16 { get; } = Detect();

    private static bool Detect()
    {
        if (!X86Base.IsSupported || X86Base.CpuId(0, 0).Eax < FeatureLeaf) return false;
        (int subLeaves, _, _, int features) = X86Base.CpuId(FeatureLeaf, 0);
        return (features & AmxBFloat16) != 0 || (subLeaves >= 1 && Avx512F.IsSupported && (X86Base.CpuId(FeatureLeaf, 1).Eax & Avx512BFloat16) != 0);
    }
}
