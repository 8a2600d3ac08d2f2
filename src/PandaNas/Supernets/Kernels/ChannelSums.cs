using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace PandaNas.Supernets.Kernels;

/// <summary>Sums per channel, in float lanes emptied into doubles once per block: within rounding of exact at any length.</summary>
/// <param name="period">The layout's period.</param>
internal readonly struct ChannelSums(int period)
{
    private readonly double[] _sums = new double[period];

    /// <summary>Adds up the parts' sums per channel, in their order.</summary>
    public static double[] ByChannel(ChannelSums[] parts, int channels)
    {
        var sums = new double[channels];
        foreach (ChannelSums part in parts)
            for (int lane = 0; lane < part._sums.Length; lane++) sums[lane % channels] += part._sums[lane];
        return sums;
    }

    /// <summary>Adds two vectors of lanes at a place of the period.</summary>
    public void Add(int lane, Vector512<float> a, Vector512<float> b)
    {
        AddVector(lane, a);
        AddVector(lane + ChannelLayout.Lanes, b);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void AddVector(int lane, Vector512<float> values)
    {
        (Vector512<double> low, Vector512<double> high) = Vector512.Widen(values);
        Span<double> at = _sums.AsSpan(lane);
        (Vector512.Create<double>(at) + low).CopyTo(at);
        (Vector512.Create<double>(at[8..]) + high).CopyTo(at[8..]);
    }
}
