using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>What the products need of a width of vectors. Either runs everywhere: without such registers in software, slowly.</summary>
/// <typeparam name="TVector">The vector.</typeparam>
internal unsafe interface IVectorOperations<TVector>
    where TVector : struct
{
    /// <summary>Values of a vector.</summary>
    static abstract int Lanes { get; }

    /// <summary>Whether there are 32 registers of it: half as many on processors without AVX-512.</summary>
    static abstract bool HasManyRegisters { get; }

    /// <summary>Reads a vector.</summary>
    static abstract TVector Load(float* from);

    /// <summary>Writes a vector.</summary>
    static abstract void Store(TVector values, float* to);

    /// <summary>The value in every lane.</summary>
    static abstract TVector Fill(float value);

    /// <summary>a + b.</summary>
    static abstract TVector Add(TVector a, TVector b);

    /// <summary>a·b + c, rounded once where the processor can.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);
}

/// <summary>16 values.</summary>
internal readonly unsafe struct Vector512Operations : IVectorOperations<Vector512<float>>
{
    public static int Lanes => Vector512<float>.Count;

    public static bool HasManyRegisters => true;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Load(float* from) => Vector512.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector512<float> values, float* to) => Vector512.Store(values, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Fill(float value) => Vector512.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> Add(Vector512<float> a, Vector512<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector512<float> MultiplyAdd(Vector512<float> a, Vector512<float> b, Vector512<float> c) =>
        Vector512.MultiplyAddEstimate(a, b, c);
}

/// <summary>8 values.</summary>
internal readonly unsafe struct Vector256Operations : IVectorOperations<Vector256<float>>
{
    public static int Lanes => Vector256<float>.Count;

    public static bool HasManyRegisters => Vector512.IsHardwareAccelerated;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Load(float* from) => Vector256.Load(from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<float> values, float* to) => Vector256.Store(values, to);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Fill(float value) => Vector256.Create(value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> Add(Vector256<float> a, Vector256<float> b) => a + b;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<float> MultiplyAdd(Vector256<float> a, Vector256<float> b, Vector256<float> c) =>
        Vector256.MultiplyAddEstimate(a, b, c);
}
