using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;
using PandaNas.Sampling;
using SkiaSharp;

namespace PandaNas.Tests.Data.Formats;

/// <summary>Damaged files either read or are refused with <see cref="BadDataException"/>; any other exception fails the test.</summary>
public sealed class ReaderFuzzTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Idx(bool zipped)
    {
        Sample.WriteIdx(_folder, zipped);
        FuzzFolder("idx", rounds: 400);
    }

    [Fact]
    public void Cifar10()
    {
        Sample.WriteCifar10(_folder, records: 1);
        FuzzFolder("cifar10", rounds: 200);
    }

    [Fact]
    public void Cifar100()
    {
        Sample.WriteCifar100(_folder, testRecords: 1);
        FuzzFolder("cifar100", rounds: 200);
    }

    [Theory]
    [InlineData(SKEncodedImageFormat.Png)]
    [InlineData(SKEncodedImageFormat.Jpeg)]
    public void Images(SKEncodedImageFormat format)
    {
        byte[] whole = Sample.Encoded(16, 16, "fuzz", format, out _);
        RandomStream random = RandomStream.Derive(2, $"fuzz {format}");
        var decoder = new ImageDecoder();
        int refused = 0;
        for (int i = 0; i < 500; i++)
        {
            File.WriteAllBytes(_folder["x"], Damaged(whole, random));
            refused += Refuses(() => decoder.Decode(_folder["x"], new ImageShape(3, 16, 16), 8, Colour.White));
            Assert.NotNull(decoder.Inspect(_folder["x"]));
        }
        Assert.InRange(refused, 50, 500);
    }

    [Fact]
    public void ImageFolder()
    {
        Sample.WriteImageFolder(_folder, ["a"], train: 1);
        string[] files = [_folder["train", "a", "0.png"], _folder["test", "a", "0.png"]];
        byte[][] whole = [.. files.Select(File.ReadAllBytes)];
        RandomStream random = RandomStream.Derive(3, "fuzz folder");
        for (int i = 0; i < 60; i++)
        {
            int k = random.NextInt(2);
            File.WriteAllBytes(files[k], Damaged(whole[k], random));
            Refuses(() => Sample.Open($"images:{_folder.Path}", cache: _folder["cache"]).Dispose());
            File.WriteAllBytes(files[k], whole[k]);
        }
    }

    private void FuzzFolder(string format, int rounds)
    {
        string[] files = [.. Directory.GetFiles(_folder.Path).Order(StringComparer.Ordinal)];
        byte[][] whole = [.. files.Select(File.ReadAllBytes)];
        RandomStream random = RandomStream.Derive(1, $"fuzz {format}");
        int refused = 0;
        for (int i = 0; i < rounds; i++)
        {
            int k = random.NextInt(files.Length);
            File.WriteAllBytes(files[k], Damaged(whole[k], random));
            refused += Refuses(() => Sample.Open($"{format}:{_folder.Path}").Dispose());
            File.WriteAllBytes(files[k], whole[k]);
        }
        Assert.InRange(refused, rounds / 10, rounds);
    }

    private static byte[] Damaged(byte[] whole, RandomStream random)
    {
        if (random.NextBool(0.3)) return whole[..random.NextInt(whole.Length)];
        byte[] damaged = [.. whole];
        // Headers are short, so half of the changes aim at the first 64 bytes.
        int reach = random.NextBool(0.5) ? Math.Min(64, whole.Length) : whole.Length;
        for (int flips = 1 + random.NextInt(4); flips > 0; flips--) damaged[random.NextInt(reach)] = (byte)random.NextInt(256);
        return damaged;
    }

    private static int Refuses(Action read)
    {
        try
        {
            read();
            return 0;
        }
        catch (BadDataException)
        {
            return 1;
        }
    }
}
