using PandaNas.Data.Batches;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Formats;

public sealed class CifarReaderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Cifar10_GivesTheFilesBytesInOrder()
    {
        Sample.WriteCifar10(_folder, records: 4);
        using ImageData data = Sample.Open($"cifar10:{_folder.Path}");
        Assert.Equal("cifar10", data.DataSet);
        Assert.Equal((20, 4), (data.Train.Count, data.Test.Count));
        Assert.Equal((3, 32, 32), (data.Train.Channels, data.Train.Height, data.Train.Width));
        Assert.Equal(Sample.Cifar10Names, data.Train.ClassNames);
        for (int i = 0; i < 20; i++) AssertRecord($"data_batch_{i / 4 + 1}.bin", i % 4, data.Train, i, labelBytes: 1);
        for (int i = 0; i < 4; i++) AssertRecord("test_batch.bin", i, data.Test, i, labelBytes: 1);
    }

    [Fact]
    public void Cifar100_UsesTheFineLabels()
    {
        Sample.WriteCifar100(_folder);
        using ImageData data = Sample.Open($"cifar100:{_folder.Path}");
        Assert.Equal(("cifar100", 15, 3, 100), (data.DataSet, data.Train.Count, data.Test.Count, data.Test.Classes));
        for (int i = 0; i < 15; i++) AssertRecord("train.bin", i, data.Train, i, labelBytes: 2);
    }

    [Fact]
    public void ParentFolder_IsAccepted()
    {
        using var inner = new TemporaryFolder();
        Sample.WriteCifar10(inner);
        Directory.CreateSymbolicLink(_folder["cifar-10-batches-bin"], inner.Path);
        using ImageData data = Sample.Open($"cifar10:{_folder.Path}");
        Assert.Equal(20, data.Train.Count);
    }

    [Fact]
    public void ImageSize_ScalesDown()
    {
        Sample.WriteCifar10(_folder);
        using ImageData whole = Sample.Open($"cifar10:{_folder.Path}"), half = Sample.Open($"cifar10:{_folder.Path}", size: 16);
        Assert.Equal((16, 16, "cifar10"), (half.Train.Height, half.Test.Width, half.DataSet));
        ReadOnlySpan<byte> from = whole.Train.Pixels(7);
        Assert.Equal((from[0] + from[1] + from[32] + from[33] + 2) / 4, half.Train.Pixels(7)[0]);
        Assert.Throws<BadOptionException>(() => Sample.Open($"cifar10:{_folder.Path}", size: 33));
    }

    [Theory]
    [InlineData("data_batch_3.bin")]
    [InlineData("test_batch.bin")]
    [InlineData("batches.meta.txt")]
    public void MissingOrEmptyFile_IsNamed(string file)
    {
        Sample.WriteCifar10(_folder);
        File.Delete(_folder[file]);
        AssertRefused("cifar10", file, "does not exist");
        File.WriteAllBytes(_folder[file], []);
        AssertRefused("cifar10", file, "empty");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3073)]
    [InlineData(3 * 3073 + 1)]
    public void TruncatedFile_IsNamed_AlsoBetweenRecords(int less)
    {
        Sample.WriteCifar10(_folder);
        using (FileStream file = File.OpenWrite(_folder["data_batch_4.bin"])) file.SetLength(file.Length - less);
        AssertRefused("cifar10", "data_batch_4.bin", "truncated");
    }

    [Fact]
    public void Cifar100_TruncatedBetweenRecords()
    {
        Sample.WriteCifar100(_folder);
        using (FileStream file = File.OpenWrite(_folder["train.bin"])) file.SetLength(file.Length - 3074);
        AssertRefused("cifar100", "train.bin", "truncated");
    }

    [Theory]
    [InlineData("cifar10", "data_batch_2.bin", 2 * 3073, 10, "image 2 (byte 6146)")]
    [InlineData("cifar100", "test.bin", 3074, 20, "image 1 (byte 3074)")]
    [InlineData("cifar100", "test.bin", 3074 + 1, 100, "image 1 (byte 3075)")]
    public void LabelOutOfRange_NamesThePlace(string format, string file, int at, byte label, string place)
    {
        if (format == "cifar10") Sample.WriteCifar10(_folder);
        else Sample.WriteCifar100(_folder);
        byte[] content = File.ReadAllBytes(_folder[file]);
        content[at] = label;
        File.WriteAllBytes(_folder[file], content);
        AssertRefused(format, file, place);
    }

    [Fact]
    public void WrongNumberOfNames()
    {
        Sample.WriteCifar10(_folder);
        File.WriteAllText(_folder["batches.meta.txt"], "cat\ndog\n");
        AssertRefused("cifar10", "batches.meta.txt", "10 class names");
        File.WriteAllText(_folder["batches.meta.txt"], new string('x', 1 << 17));
        AssertRefused("cifar10", "batches.meta.txt", "10 class names");
    }

    [Fact]
    public void PythonVersion_IsToldApart()
    {
        File.WriteAllText(_folder["data_batch_1"], "x");
        AssertRefused("cifar10", _folder.Path, "Python version");
    }

    [Fact]
    public void MissingFolder_AndFileInsteadOfFolder()
    {
        Assert.Contains("does not exist", Sample.Refused($"cifar10:{_folder["nowhere"]}").Message);
        File.WriteAllText(_folder["archive.tar"], "x");
        Assert.Contains("is a file", Sample.Refused($"cifar10:{_folder["archive.tar"]}").Message);
    }

    private void AssertRefused(string format, params string[] parts)
    {
        string message = Sample.Refused($"{format}:{_folder.Path}").Message;
        foreach (string part in parts) Assert.Contains(part, message);
    }

    private void AssertRecord(string file, int record, LabelledImages images, int example, int labelBytes)
    {
        ReadOnlySpan<byte> bytes = File.ReadAllBytes(_folder[file]).AsSpan(record * (labelBytes + 3072), labelBytes + 3072);
        Assert.Equal(bytes[labelBytes - 1], images.Labels[example]);
        Assert.True(bytes[labelBytes..].SequenceEqual(images.Pixels(example)));
    }
}
