using CsCheck;
using PandaNas.Sampling;

namespace PandaNas.Tests.Sampling;

public sealed class RandomStreamTests
{
    [Fact]
    public void RestoredStream_ContinuesIdentically() => Gen.Select(Gen.Long, Gen.Int[0, 50]).Sample((seed, drawn) =>
    {
        var stream = RandomStream.Derive(seed, "test");
        for (int i = 0; i < drawn; i++) stream.NextUInt64();
        var restored = RandomStream.Restore(stream.State);
        for (int i = 0; i < 20; i++) Assert.Equal(stream.NextUInt64(), restored.NextUInt64());
        Assert.Equal(stream.State, restored.State);
    });

    // xoshiro256** from the state (1, 2, 3, 4): the first outputs of the authors' reference code.
    [Fact]
    public void Numbers_AreThoseOfTheReferenceGenerator()
    {
        var stream = RandomStream.Restore("0000000000000001000000000000000200000000000000030000000000000004");
        ulong[] expected = [11_520, 0, 1_509_978_240, 1_215_971_899_390_074_240];
        Assert.Equal(expected, expected.Select(_ => stream.NextUInt64()));
    }

    [Fact]
    public void Streams_DependOnSeedAndPurpose()
    {
        string state = RandomStream.Derive(0, "paths").State;
        Assert.Equal(state, RandomStream.Derive(0, "paths").State);
        Assert.NotEqual(state, RandomStream.Derive(0, "data").State);
        Assert.NotEqual(state, RandomStream.Derive(1, "paths").State);
        Assert.NotEqual(RandomStream.Derive(1, "1/x").State, RandomStream.Derive(11, "/x").State);
    }

    // Critical values of chi-square at p = 0.001.
    [Theory]
    [InlineData(2, 10.83)]
    [InlineData(5, 18.47)]
    [InlineData(6, 20.52)]
    [InlineData(100, 148.23)]
    public void NextInt_IsUniform(int bound, double critical)
    {
        var stream = RandomStream.Derive(17, "uniformity");
        var counts = new int[bound];
        for (int i = 0; i < 60_000; i++) counts[stream.NextInt(bound)]++;
        Assert.InRange(ChiSquare(counts), 0, critical);
    }

    [Fact]
    public void NextInt_StaysBelowItsBound() => Gen.Select(Gen.Long, Gen.Int[1, int.MaxValue]).Sample((seed, bound) =>
    {
        int value = RandomStream.Derive(seed, "bound").NextInt(bound);
        return value >= 0 && value < bound;
    });

    [Fact]
    public void NextInt_RefusesAnEmptyRange()
    {
        var stream = RandomStream.Derive(0, "test");
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => stream.NextInt(-1));
        Assert.Equal(0, stream.NextInt(1));
    }

    [Fact]
    public void NextDouble_IsUniformInTheUnitInterval()
    {
        var stream = RandomStream.Derive(5, "doubles");
        var counts = new int[20];
        for (int i = 0; i < 60_000; i++)
        {
            double value = stream.NextDouble();
            Assert.True(value is >= 0 and < 1);
            counts[(int)(value * 20)]++;
        }
        Assert.InRange(ChiSquare(counts), 0, 43.82);
    }

    [Fact]
    public void NextBool_KeepsItsProbability()
    {
        var stream = RandomStream.Derive(6, "bools");
        Assert.InRange(Enumerable.Range(0, 10_000).Count(_ => stream.NextBool(0.3)), 2_850, 3_150);
        Assert.False(stream.NextBool(0));
        Assert.True(stream.NextBool(1));
    }

    [Fact]
    public void Shuffle_IsAPermutation() => Gen.Select(Gen.Long, Gen.Int.Array[0, 40]).Sample((seed, items) =>
    {
        int[] shuffled = [.. items];
        RandomStream.Derive(seed, "shuffle").Shuffle<int>(shuffled);
        return items.Order().SequenceEqual(shuffled.Order());
    });

    [Fact]
    public void Shuffle_GivesAllSixOrdersOfThreeEquallyOften()
    {
        var stream = RandomStream.Derive(9, "shuffle");
        var counts = new Dictionary<string, int>();
        for (int i = 0; i < 30_000; i++)
        {
            char[] items = ['a', 'b', 'c'];
            stream.Shuffle<char>(items);
            string order = new(items);
            counts[order] = counts.GetValueOrDefault(order) + 1;
        }
        Assert.Equal(6, counts.Count);
        Assert.InRange(ChiSquare([.. counts.Values]), 0, 20.52);
    }

    [Theory]
    [InlineData("")]
    [InlineData("12")]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("000000000000000g000000000000000000000000000000000000000000000001")]
    [InlineData("000000000000 001000000000000000000000000000000000000000000000001")]
    [InlineData("-000000000000001000000000000000000000000000000000000000000000001")]
    public void BadState_IsAFormatError(string state) => Assert.Throws<FormatException>(() => RandomStream.Restore(state));

    [Fact]
    public void RandomState_RestoresOrIsAFormatError() => Gen.OneOf(Gen.String, Gen.String[Gen.Char, 64, 64]).Sample(state =>
    {
        try
        {
            RandomStream.Restore(state);
        }
        catch (FormatException)
        {
        }
    });

    private static double ChiSquare(int[] counts)
    {
        double expected = (double)counts.Sum() / counts.Length;
        return counts.Sum(count => (count - expected) * (count - expected) / expected);
    }
}
