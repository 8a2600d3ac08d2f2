using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace PandaNas.Sampling;

/// <summary>
/// A stream of random numbers whose whole state is four words, so that a checkpoint can hold it and a resumed run continues with
/// the very next number. The generator is xoshiro256** (Blackman and Vigna 2021). Not safe for use by several threads at once.
/// </summary>
public sealed class RandomStream
{
    private ulong _s0, _s1, _s2, _s3;

    private RandomStream(ulong s0, ulong s1, ulong s2, ulong s3) => (_s0, _s1, _s2, _s3) = (s0, s1, s2, s3);

    /// <summary>Derives the stream of one purpose from the run's seed; different purposes give independent streams.</summary>
    /// <param name="seed">The run's seed.</param>
    /// <param name="purpose">What the numbers are for, for example <c>"paths"</c> or <c>"augmentation"</c>.</param>
    public static RandomStream Derive(long seed, string purpose)
    {
        ArgumentNullException.ThrowIfNull(purpose);
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}/{purpose}"), digest);
        return new RandomStream(
            BinaryPrimitives.ReadUInt64LittleEndian(digest),
            BinaryPrimitives.ReadUInt64LittleEndian(digest[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(digest[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(digest[24..]) | 1);
    }

    /// <summary>The state as 64 hexadecimal digits; <see cref="Restore"/> makes a stream that continues from here.</summary>
    internal string State => $"{_s0:x16}{_s1:x16}{_s2:x16}{_s3:x16}";

    /// <summary>Makes a stream that continues from a saved <see cref="State"/>.</summary>
    /// <exception cref="FormatException">The text is not 64 hexadecimal digits, or all of them are zero.</exception>
    internal static RandomStream Restore(string state)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (state.Length != 64)
            throw new FormatException($"a random stream's state has 64 hexadecimal digits, this one has {state.Length}");
        ulong Word(int at) => ulong.Parse(state.AsSpan(at * 16, 16), System.Globalization.NumberStyles.AllowHexSpecifier, null);
        var stream = new RandomStream(Word(0), Word(1), Word(2), Word(3));
        if ((stream._s0 | stream._s1 | stream._s2 | stream._s3) == 0)
            throw new FormatException("a random stream's state cannot be all zeros");
        return stream;
    }

    /// <summary>64 uniform random bits.</summary>
    public ulong NextUInt64()
    {
        ulong result = BitOperations.RotateLeft(_s1 * 5, 7) * 9;
        ulong t = _s1 << 17;
        _s2 ^= _s0;
        _s3 ^= _s1;
        _s1 ^= _s2;
        _s0 ^= _s3;
        _s2 ^= t;
        _s3 = BitOperations.RotateLeft(_s3, 45);
        return result;
    }

    /// <summary>A uniform number in [0, 1) with 53 random bits.</summary>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A uniform integer in [0, <paramref name="bound"/>), without modulo bias (Lemire 2019).</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="bound"/> is below 1.</exception>
    public int NextInt(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bound, 1);
        ulong range = (ulong)bound;
        ulong high = Math.BigMul(NextUInt64(), range, out ulong low);
        if (low < range)
        {
            ulong threshold = (0 - range) % range;
            while (low < threshold) high = Math.BigMul(NextUInt64(), range, out low);
        }
        return (int)high;
    }

    /// <summary>True with the given probability.</summary>
    public bool NextBool(double probability) => NextDouble() < probability;

    /// <summary>The numbers from 0 to <paramref name="count"/> − 1 in a uniformly random order.</summary>
    public int[] Permutation(int count)
    {
        int[] numbers = [.. Enumerable.Range(0, count)];
        Shuffle<int>(numbers);
        return numbers;
    }

    /// <summary>Puts the items in a uniformly random order, in place (Fisher-Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (int i = items.Length - 1; i > 0; i--)
        {
            int j = NextInt(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
