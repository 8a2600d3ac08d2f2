using System.IO.Compression;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Messages;

namespace PandaNas.Tests.Data.Formats;

public sealed class IdxReaderTests : IDisposable
{
    private const string TrainImages = "train-images-idx3-ubyte", TrainLabels = "train-labels-idx1-ubyte";
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public void GivesTheFilesBytesInOrder(bool zipped, bool dotted)
    {
        Sample.WriteIdx(_folder, zipped, dotted);
        using ImageData data = Sample.Open($"idx:{_folder.Path}");
        Assert.Equal(("idx", 12, 6), (data.DataSet, data.Train.Count, data.Test.Count));
        Assert.Equal((1, 5, 4), (data.Train.Channels, data.Train.Height, data.Train.Width));
        Assert.Equal(["0", "1", "2"], data.Test.ClassNames);
        byte[] train = Sample.Bytes(240, "train"), test = Sample.Bytes(120, "t10k");
        for (int i = 0; i < 12; i++)
        {
            Assert.Equal(i % 3, data.Train.Labels[i]);
            Assert.True(train.AsSpan(i * 20, 20).SequenceEqual(data.Train.Pixels(i)));
        }
        for (int i = 0; i < 6; i++) Assert.True(test.AsSpan(i * 20, 20).SequenceEqual(data.Test.Pixels(i)));
    }

    [Fact]
    public void MissingFile_IsNamed()
    {
        Sample.WriteIdx(_folder);
        File.Delete(_folder["t10k-labels-idx1-ubyte"]);
        AssertRefused("t10k-labels-idx1-ubyte", "missing");
        Assert.Contains("does not exist", Sample.Refused($"idx:{_folder["nowhere"]}").Message);
    }

    [Fact]
    public void EmptyFile() => AssertRefused(TrainImages, [], TrainImages, "empty");

    [Fact]
    public void EmptyGzip() =>
        AssertRefused(TrainImages, [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0], TrainImages, "truncated");

    [Fact]
    public void HeaderCutShort() => AssertRefused(TrainImages, Sample.Idx([12, 5, 4], [])[..10], TrainImages, "header");

    [Fact]
    public void WrongMagic() =>
        AssertRefused(TrainImages, Sample.Idx([240], Sample.Bytes(240, "train")), TrainImages, "0x00000801", "0x00000803");

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 1)]
    [InlineData(false, 239)]
    [InlineData(true, 239)]
    public void Truncated(bool zipped, int less)
    {
        byte[] content = Sample.Idx([12, 5, 4], Sample.Bytes(240 - less, "train"));
        AssertRefused(TrainImages, zipped ? Sample.Gzip(content) : content, TrainImages, "12x5x4");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void TooLong(bool zipped)
    {
        byte[] content = Sample.Idx([12, 5, 4], Sample.Bytes(241, "train"));
        AssertRefused(TrainImages, zipped ? Sample.Gzip(content) : content, TrainImages, "too long");
    }

    [Fact]
    public void CountsDiffer() =>
        AssertRefused(TrainLabels, Sample.Idx([11], new byte[11]), TrainLabels, TrainImages, "12 images", "11 labels");

    [Fact]
    public void TestImagesOfAnotherSize() =>
        AssertRefused("t10k-images-idx3-ubyte", Sample.Idx([6, 4, 5], Sample.Bytes(120, "t10k")), "t10k-images-idx3-ubyte", "5x4", "4x5");

    [Theory]
    [InlineData(0, 5, 4)]
    [InlineData(12, 0, 4)]
    [InlineData(12, 5, 0)]
    [InlineData(-1, 5, 4)]
    [InlineData(12, -5, 4)]
    [InlineData(12, 5, 70000)]
    [InlineData(int.MaxValue, 4096, 4096)]
    public void AbsurdSizes(int count, int height, int width)
    {
        byte[] content = Sample.Idx([count, height, width], Sample.Bytes(240, "train"));
        AssertRefused(TrainImages, content, TrainImages);
        AssertRefused(TrainImages, Sample.Gzip(content), TrainImages);
    }

    // 200 MB of zeros in 200 kB, behind a header that asks for 240 bytes: reading stops after those.
    [Fact]
    public void GzipBomb_IsNotUnpacked()
    {
        using var bomb = new MemoryStream();
        using (var zip = new GZipStream(bomb, CompressionLevel.Optimal, leaveOpen: true))
        {
            zip.Write(Sample.Idx([12, 5, 4], []));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 200; i++) zip.Write(zeros);
        }
        Sample.WriteIdx(_folder);
        File.WriteAllBytes(_folder[TrainImages], bomb.ToArray());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("too long", Sample.Refused($"idx:{_folder.Path}").Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    // Counted before memory is taken; a header that asks for 6 times what is there; one that asks for more than any such file has.
    [Theory]
    [InlineData(5000, null)]
    [InlineData(30_000, "only 81920000 are there")]
    [InlineData(4_999, "more are there")]
    [InlineData(60_000, "at most 600000000")]
    public void LargeGzip_IsCountedFirst(int claimed, string? refusal)
    {
        const int Count = 5000, Side = 128;
        Sample.WriteIdx(_folder, zipped: true);
        byte[] file = Sample.Idx([claimed, Side, Side], new byte[Count * Side * Side]);
        Sample.Bytes(1 << 20, "incompressible").CopyTo(file, 16);
        file[^1] = 77;
        File.WriteAllBytes(_folder[TrainImages + ".gz"], Sample.Gzip(file));
        File.WriteAllBytes(
            _folder[TrainLabels + ".gz"], Sample.Gzip(Sample.Idx([Count], [.. Enumerable.Range(0, Count).Select(i => (byte)(i % 3))])));
        File.WriteAllBytes(_folder["t10k-images-idx3-ubyte.gz"], Sample.Gzip(Sample.Idx([6, Side, Side], new byte[6 * Side * Side])));
        if (refusal is not null)
        {
            AssertRefused(TrainImages, $"{claimed}x128x128", refusal);
            return;
        }
        using ImageData data = Sample.Open($"idx:{_folder.Path}");
        Assert.Equal(77, data.Train.Pixels(Count - 1)[^1]);
    }

    [Fact]
    public void CorruptGzip()
    {
        byte[] zip = Sample.Gzip(Sample.Idx([12, 5, 4], Sample.Bytes(240, "train")));
        zip[^6] ^= 1; // in the checksum
        AssertRefused(TrainImages, zip, TrainImages, "gzip");
    }

    [Fact]
    public void GapInTheLabels_NamesThePlace()
    {
        byte[] labels = [0, 1, 2, 0, 1, 2, 0, 1, 200, 0, 1, 2];
        AssertRefused(TrainLabels, Sample.Idx([12], labels), TrainLabels, "label 8");
    }

    [Fact]
    public void TestLabelThatIsNotTrained_NamesThePlace() =>
        AssertRefused("t10k-labels-idx1-ubyte", Sample.Idx([6], [0, 1, 2, 3, 1, 2]), "t10k-labels-idx1-ubyte", "label 3", "0 to 2");

    [Fact]
    public void FolderInPlaceOfAFile()
    {
        Sample.WriteIdx(_folder);
        File.Delete(_folder[TrainLabels]);
        Directory.CreateDirectory(_folder[TrainLabels]);
        AssertRefused(TrainLabels);
    }

    private void AssertRefused(string file, byte[] content, params string[] parts)
    {
        Sample.WriteIdx(_folder);
        File.WriteAllBytes(_folder[file], content);
        AssertRefused(parts);
    }

    private void AssertRefused(params string[] parts)
    {
        string message = Sample.Refused($"idx:{_folder.Path}").Message;
        foreach (string part in parts) Assert.Contains(part, message);
    }

    // EMNIST: files with a prefix, test files called so, labels from 1, pictures column by column.
    [Fact]
    public void Emnist_IsTaken_TurnedAndNumberedFromOne()
    {
        WriteEmnist("emnist-letters");
        using ImageData data = Sample.Open($"idx:{_folder.Path}");
        Assert.Equal((12, 6, 4, 5), (data.Train.Count, data.Test.Count, data.Train.Height, data.Train.Width));
        Assert.Equal(["1", "2", "3"], data.Train.ClassNames);
        Assert.Equal([0, 1, 2, 0], data.Train.Labels[..4]);
        byte[] stored = Sample.Bytes(12 * 20, "train");
        ReadOnlySpan<byte> upright = data.Train.Pixels(1);
        for (int y = 0; y < 4; y++)
            for (int x = 0; x < 5; x++) Assert.Equal(stored[20 + x * 4 + y], upright[y * 5 + x]);
        Assert.Equal(2, data.Notes.Length);
        Assert.Contains("labels of these files begin at 1", data.Notes[0]);
        Assert.Contains("IdxTranspose off", Mention.AsProperties(data.Notes[1]));

        using ImageData stays = ImageDataReader.Open(
            new DataSource("idx", _folder.Path), new ImageReadOptions { IdxTranspose = false }, TestContext.Current.CancellationToken);
        Assert.Equal(stored[20..40], stays.Train.Pixels(1).ToArray());

        WriteEmnist("emnist-digits");
        AssertRefusedFolder("'emnist-digits-…', 'emnist-letters-…'");
    }

    [Fact]
    public void Mnist_IsTransposedOnRequest()
    {
        Sample.WriteIdx(_folder);
        using ImageData data = ImageDataReader.Open(
            new DataSource("idx", _folder.Path), new ImageReadOptions { IdxTranspose = true }, TestContext.Current.CancellationToken);
        Assert.Equal((4, 5), (data.Train.Height, data.Train.Width));
        Assert.Contains("exchanged", Assert.Single(data.Notes));
    }

    private void WriteEmnist(string name)
    {
        foreach ((string part, int count) in new[] { ("train", 12), ("test", 6) })
        {
            File.WriteAllBytes(_folder[$"{name}-{part}-images-idx3-ubyte"], Sample.Idx([count, 5, 4], Sample.Bytes(count * 20, part)));
            File.WriteAllBytes(
                _folder[$"{name}-{part}-labels-idx1-ubyte.gz"],
                Sample.Gzip(Sample.Idx([count], [.. Enumerable.Range(0, count).Select(i => (byte)(1 + i % 3))])));
        }
    }

    private void AssertRefusedFolder(string part) => Assert.Contains(part, Sample.Refused($"idx:{_folder.Path}").Message);
}
