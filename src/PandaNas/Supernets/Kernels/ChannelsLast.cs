using System.Runtime.InteropServices;
using PandaNas.Runtime.Torch;
using TorchSharp;
using static TorchSharp.torch;

namespace PandaNas.Supernets.Kernels;

/// <summary>The memory of channels-last tensors: N×C×H×W as torch sees it, rows of C values as it lies.</summary>
internal static unsafe class ChannelsLast
{
    /// <summary>Whether the kernels here can read the tensor: float32 or bfloat16 on the CPU, dense in channels-last order.</summary>
    public static bool Is(Tensor tensor)
    {
        if (tensor.device_type != DeviceType.CPU || tensor.dim() != 4 || tensor.dtype is not (ScalarType.Float32 or ScalarType.BFloat16))
            return false;
        long[] shape = tensor.shape, strides = tensor.stride();
        // The stride of a dimension of size 1 means nothing.
        bool Fits(int dimension, long stride) => shape[dimension] == 1 || strides[dimension] == stride;
        return Fits(1, 1) && Fits(3, shape[1]) && Fits(2, shape[1] * shape[3]) && Fits(0, shape[1] * shape[3] * shape[2]);
    }

    /// <summary>A tensor of that shape in channels-last memory, not initialised.</summary>
    public static Tensor Empty(long[] shape, ScalarType type)
    {
        (long images, long channels, long height, long width) = (shape[0], shape[1], shape[2], shape[3]);
        using Tensor? rows = LargeTensors.Empty([images, height, width, channels], type);
        return rows?.permute(0, 3, 1, 2) ?? empty_strided(shape, [height * width * channels, 1, width * channels, channels], dtype: type);
    }

    /// <summary>The tensor itself if it is channels-last, else a copy that is.</summary>
    public static Tensor Of(Tensor tensor)
    {
        if (Is(tensor)) return tensor;
        using Tensor rows = tensor.permute(0, 2, 3, 1).contiguous();
        return rows.permute(0, 3, 1, 2);
    }

    /// <summary>The first value. Valid while the tensor lives.</summary>
    public static void* Pointer(Tensor tensor)
    {
        using Tensor rows = tensor.permute(0, 2, 3, 1);
        // Torch's memory does not move, so the pointer outlives the pin.
        fixed (byte* start = &MemoryMarshal.GetReference(rows.bytes)) return start;
    }

    /// <summary>The same of a float32 tensor.</summary>
    public static float* Floats(Tensor tensor) => (float*)Pointer(tensor);
}
