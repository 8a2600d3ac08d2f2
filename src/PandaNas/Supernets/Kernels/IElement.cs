using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TorchSharp;

namespace PandaNas.Supernets.Kernels;

/// <summary>A type in which activations are stored. Arithmetic is in float32: values are widened on loading, rounded on storing.</summary>
internal unsafe interface IElement
{
    /// <summary>Bytes of a value.</summary>
    static abstract int Size { get; }

    /// <summary>Torch's name of the type.</summary>
    static abstract torch.ScalarType Type { get; }

    /// <summary>16 values from an index on.</summary>
    static abstract Vector512<float> Load(void* start, long index);

    /// <summary>Stores 16 values from an index on.</summary>
    static abstract void Store(Vector512<float> values, void* start, long index);

    /// <summary>One value.</summary>
    static abstract float LoadOne(void* start, long index);

    /// <summary>Stores one value.</summary>
    static abstract void StoreOne(float value, void* start, long index);
}

/// <summary>IEEE 754 single precision.</summary>
internal readonly unsafe struct Float32Element : IElement
{
    public static int Size => sizeof(float);

    public static torch.ScalarType Type => torch.ScalarType.Float32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* start, long index) => Vector512.Load((float*)start + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, void* start, long index) => Vector512.Store(values, (float*)start + index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(void* start, long index) => ((float*)start)[index];

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void StoreOne(float value, void* start, long index) => ((float*)start)[index] = value;
}

/// <summary>bfloat16: the upper half of a float32, rounded to nearest, ties to even, as torch rounds; a NaN stays one.</summary>
internal readonly unsafe struct BFloat16Element : IElement
{
    private const uint Half = 0x7FFF;
    private const ushort QuietNaN = 0x7FC0;

    public static int Size => sizeof(ushort);

    public static torch.ScalarType Type => torch.ScalarType.BFloat16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(void* start, long index)
    {
        Vector256<ushort> values = Vector256.Load((ushort*)start + index);
        return (Vector512.WidenLower(values.ToVector512Unsafe()) << 16).AsSingle();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, void* start, long index)
    {
        Vector512<uint> bits = values.AsUInt32();
        Vector512<uint> rounded = (bits + Vector512.Create(Half) + ((bits >>> 16) & Vector512<uint>.One)) >>> 16;
        rounded = Vector512.ConditionalSelect(Vector512.Equals(values, values).AsUInt32(), rounded, Vector512.Create((uint)QuietNaN));
        Vector256<ushort> narrow = Avx512F.IsSupported
            ? Avx512F.ConvertToVector256UInt16(rounded)
            : Vector256.Narrow(rounded.GetLower(), rounded.GetUpper());
        Vector256.Store(narrow, (ushort*)start + index);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static float LoadOne(void* start, long index) => BitConverter.UInt32BitsToSingle((uint)((ushort*)start)[index] << 16);

    public static void StoreOne(float value, void* start, long index)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        ((ushort*)start)[index] = float.IsNaN(value) ? QuietNaN : (ushort)((bits + Half + ((bits >> 16) & 1)) >> 16);
    }
}
