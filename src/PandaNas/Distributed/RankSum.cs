using System.Numerics;

namespace PandaNas.Distributed;

/// <summary>
/// Sums of numbers over all ranks (MPI's all-reduce). Added in the order of ranks whatever the library does, so that all ranks get the same
/// bits, and every run of as many ranks the same. Memory is kept from one sum to the next.
/// </summary>
/// <param name="ranks">The ranks.</param>
internal sealed class RankSum(ICommunicator ranks)
{
    private float[] _parts = [], _received = [];
    private int _count;

    /// <summary>Begins a sum.</summary>
    /// <param name="count">Of how many numbers; as many on every rank.</param>
    /// <returns>Where this rank puts its own.</returns>
    public Span<float> Begin(int count)
    {
        _count = count;
        if (_parts.Length < Padded) (_parts, _received) = (new float[Padded], new float[Padded]);
        Span<float> padding = _parts.AsSpan(count, Padded - count);
        padding.Clear();
        return _parts.AsSpan(0, count);
    }

    /// <summary>The sums, until the next one begins.</summary>
    public ReadOnlySpan<float> Finish()
    {
        // Every rank adds a part of its own, and gets the others' sums.
        ranks.Exchange(_parts.AsSpan(0, Padded), _received.AsSpan(0, Padded));
        Span<float> sums = _received.AsSpan(0, Part);
        for (int rank = 1; rank < ranks.Size; rank++) Add(sums, _received.AsSpan(rank * Part, Part));
        ranks.Gather(sums, _parts.AsSpan(0, Padded));
        return _parts.AsSpan(0, _count);
    }

    private int Part => (_count + ranks.Size - 1) / ranks.Size;

    private int Padded => Part * ranks.Size;

    private static void Add(Span<float> sums, ReadOnlySpan<float> values)
    {
        int i = 0;
        for (; i <= sums.Length - Vector<float>.Count; i += Vector<float>.Count)
            (new Vector<float>(sums[i..]) + new Vector<float>(values[i..])).CopyTo(sums[i..]);
        for (; i < sums.Length; i++) sums[i] += values[i];
    }
}
