using System.Buffers.Binary;
using System.Text;

namespace PandaNas.Fuzzing;

/// <summary>Makes new inputs of old ones.</summary>
/// <param name="random">Decides.</param>
/// <param name="words">Texts that mean something to the reader.</param>
internal sealed class Mutation(Random random, string[] words)
{
    private const int LongestRepeat = 20_000;
    private static readonly long[] Numbers =
    [
        0, 1, -1, 127, 128, 255, 256, 32767, 65535, 65536, int.MaxValue, int.MinValue, uint.MaxValue, 1L << 32, long.MaxValue,
        long.MinValue,
    ];
    private static readonly string[] Texts =
    [
        "-1", "0", "2147483647", "2147483648", "-9223372036854775808", "1e309", "-0", "NaN", "null", "true", "\"\"", "{}", "[]", "[", "{",
        "\n", "\t", "\u001b[2J", "\0", ",", "\"", "'", "\ufeff", "\u202e", "%", "#", "&a", "*a", "!!t", "---",
    ];

    /// <summary>Some mutations, one on the other, of one of the inputs.</summary>
    public byte[] Of(List<byte[]> corpus)
    {
        byte[] input = corpus[random.Next(corpus.Count)];
        for (int times = 1 << random.Next(4); times > 0; times--) input = Once(input, corpus);
        return input;
    }

    private byte[] Once(byte[] input, List<byte[]> corpus)
    {
        int at = random.Next(input.Length + 1), end = Math.Min(input.Length, at + random.Next(1, 1 << random.Next(1, 8)));
        switch (random.Next(9))
        {
            case 0 when at < input.Length:
                return Replace(input, at, at + 1, [(byte)(input[at] ^ (1 << random.Next(8)))]);
            case 1 when at < input.Length:
                return Replace(input, at, at + 1, [(byte)random.Next(256)]);
            case 2:
                return Replace(input, at, end, []);
            case 3:
                return Replace(input, at, at, input[at..end]);
            case 4:
                byte[] other = corpus[random.Next(corpus.Count)];
                int from = random.Next(other.Length + 1);
                return Replace(input, at, end, other[from..Math.Min(other.Length, from + random.Next(1, 256))]);
            case 5:
                return Replace(input, at, end, Number());
            case 6:
                return Replace(input, at, random.Next(2) == 0 ? at : end, Encoding.UTF8.GetBytes(Texts[random.Next(Texts.Length)]));
            case 7 when words.Length > 0:
                return Replace(input, at, random.Next(2) == 0 ? at : end, Encoding.UTF8.GetBytes(words[random.Next(words.Length)]));
            case 8 when random.Next(20) == 0 && end > at:
                byte[] part = input[at..Math.Min(end, at + 8)];
                return Replace(
                    input, at, at, [.. Enumerable.Repeat(part, random.Next(1, LongestRepeat) / part.Length).SelectMany(bytes => bytes)]);
            default:
                return input[..at];
        }
    }

    private byte[] Number()
    {
        byte[] bytes = new byte[8];
        long number = Numbers[random.Next(Numbers.Length)];
        if (random.Next(2) == 0) BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        else BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return random.Next(2) == 0 ? bytes : random.Next(2) == 0 ? bytes[..4] : bytes[4..];
    }

    private static byte[] Replace(byte[] input, int from, int to, byte[] put) => [.. input.AsSpan(0, from), .. put, .. input.AsSpan(to)];
}
