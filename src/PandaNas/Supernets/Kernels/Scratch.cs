using Unmanaged = System.Runtime.InteropServices.NativeMemory;

namespace PandaNas.Supernets.Kernels;

/// <summary>Memory for intermediate values, a slice for every part of a parallel region; on cache lines of its own.</summary>
internal sealed unsafe class Scratch : IDisposable
{
    private const int LineValues = 16;

    private readonly float* _start;
    private readonly long _slice;

    /// <summary>Not initialised.</summary>
    /// <param name="parts">Slices.</param>
    /// <param name="values">Values per slice.</param>
    public Scratch(int parts, long values)
    {
        _slice = (values + LineValues - 1) / LineValues * LineValues;
        _start = (float*)Unmanaged.AlignedAlloc((nuint)(Math.Max(1, parts * _slice) * sizeof(float)), LineValues * sizeof(float));
    }

    /// <summary>The memory of a part.</summary>
    public float* Slice(int part) => _start + part * _slice;

    /// <summary>The memory of a part, filled with zeros.</summary>
    public float* ZeroedSlice(int part)
    {
        new Span<float>(Slice(part), checked((int)_slice)).Clear();
        return Slice(part);
    }

    /// <inheritdoc/>
    public void Dispose() => Unmanaged.AlignedFree(_start);
}
