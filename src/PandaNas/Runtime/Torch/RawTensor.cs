using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Runtime.Torch;

/// <summary>The memory of a float32 CPU tensor as a span, for arithmetic that would cost one native call per operation otherwise.</summary>
internal static class RawTensor
{
    /// <summary>Whether <see cref="Floats"/> may be called.</summary>
    public static bool IsAccessible(Tensor tensor) =>
        tensor.device_type == DeviceType.CPU && tensor.dtype == ScalarType.Float32 && tensor.is_contiguous();

    /// <summary>The values in memory order. Valid only while the tensor lives.</summary>
    public static Span<float> Floats(Tensor tensor) => MemoryMarshal.Cast<byte, float>(tensor.bytes);
}
