using System.Globalization;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Data.Streaming;
using PandaNas.Sampling;
using PandaNas.Tests.Data.Streaming;

namespace PandaNas.Tests.Data.Reading;

public sealed class FolderCheckTests(StreamedFolderFixture folder) : IClassFixture<StreamedFolderFixture>
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(StreamingChoice.On)]
    [InlineData(StreamingChoice.Off)]
    public void EveryDamagedFile_IsNamed_WithTheirNumberAndWhatToDo(StreamingChoice streaming)
    {
        using var cache = new TemporaryFolder();
        var error = Assert.Throws<BadDataException>(() => Open(folder.Path, cache, streaming));
        Assert.Equal(4, folder.Damaged.Count);
        Assert.Contains($"4 of 200 images in '{folder.Path}'", error.Message);
        Assert.Contains("SkipCorrupt", error.Message);
        string list = File.ReadAllText(Assert.Single(Directory.GetFiles(cache.Path, "*.txt")));
        Assert.All(folder.Damaged, name => Assert.Contains(Path.Combine(folder.Path, name), list));
        Assert.All(folder.Damaged, name => Assert.Contains(name, error.Message));
        Assert.Equal(4, list.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Theory]
    [InlineData(StreamingChoice.On)]
    [InlineData(StreamingChoice.Off)]
    public void SkipCorrupt_LeavesThemOut_AndCounts(StreamingChoice streaming)
    {
        using var cache = new TemporaryFolder();
        using ImageData data = Open(folder.Path, cache, streaming, skip: true);
        Assert.Equal((4, 196), (data.LeftOut, data.Train.Count + data.Test.Count));
        using TemporaryFolder sound = folder.SoundCopy();
        using ImageData expected = Open(sound.Path, cache, streaming);
        Assert.Equal(expected.Train.Labels.ToArray(), data.Train.Labels.ToArray());
        Assert.Equal(expected.Train.MeasureStatistics(Stop), data.Train.MeasureStatistics(Stop));
    }

    [Fact]
    public void AClassOfDamagedFilesOnly_IsRefusedDespiteSkipping()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        foreach (string file in Directory.GetFiles(copy["val", "class002"])) File.WriteAllText(file, "junk");
        var error = Assert.Throws<BadDataException>(() => Open(copy.Path, cache, StreamingChoice.On, skip: true));
        Assert.Contains("class002", error.Message);
        Assert.Contains("test", error.Message);
    }

    [Fact]
    public void SecondCheck_ReadsOnlyWhatIsNewOrChangedOrDamaged()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        Assert.Equal(196, Checked(copy, cache));
        Assert.Equal(0, Checked(copy, cache));
        string changed = Directory.GetFiles(copy["train", "class001"])[0];
        File.SetLastWriteTimeUtc(changed, new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        File.Copy(changed, copy["train", "class001", "new.jpg"]);
        Assert.Equal(2, Checked(copy, cache));
        // What is damaged is looked at again: it may have been repaired.
        File.WriteAllText(changed, "junk");
        for (int i = 0; i < 2; i++) Assert.Equal(1, Checked(copy, cache));
    }

    // Path, size and time alike: the inode tells.
    [Fact]
    public void AnotherFileInTheSamePlace_IsReadAnew()
    {
        if (!OperatingSystem.IsLinux()) return;
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        Checked(copy, cache);
        string path = Directory.GetFiles(copy["train", "class001"])[0];
        DateTime time = File.GetLastWriteTimeUtc(path);
        File.Copy(path, path + ".new");
        File.SetLastWriteTimeUtc(path + ".new", time);
        File.Move(path + ".new", path, overwrite: true);
        Assert.Equal(1, Checked(copy, cache));
    }

    [Fact]
    public void WhatIsKnown_IsToldWithoutOpeningTheFiles()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        using var workers = new DecodeWorkers(2);
        ImageFolderListing listing = ImageFolderListing.Of(copy.Path, Stop);
        FolderCheck first = FolderCheck.Run(listing, cache.Path, workers, null, Stop);
        FolderCheck second = FolderCheck.Run(listing, cache.Path, workers, null, Stop);
        Assert.Equal(first.Findings, second.Findings);
        Assert.All(
            second.Findings,
            finding => Assert.Equal(("JPEG", 120, 90, ImageFault.None), (finding.Format, finding.Width, finding.Height, finding.Fault)));
        Assert.All(second.Findings, finding => Assert.NotEqual(UInt128.Zero, finding.PixelDigest));
    }

    [Fact]
    public void DamagedCache_IsMadeAnew()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        Checked(copy, cache);
        string path = Assert.Single(Directory.GetFiles(cache.Path));
        byte[] whole = File.ReadAllBytes(path);
        RandomStream random = RandomStream.Derive(0, "check cache");
        for (int i = 0; i < 40; i++)
        {
            byte[] damaged = random.NextBool(0.3) ? whole[..random.NextInt(whole.Length)] : [.. whole];
            if (damaged.Length == whole.Length) damaged[random.NextInt(damaged.Length)] = (byte)random.NextInt(256);
            File.WriteAllBytes(path, damaged);
            Checked(copy, cache);
        }
        File.WriteAllText(path, """{"Version":2,"Files":[null]}""");
        Assert.Equal(196, Checked(copy, cache));
    }

    [Fact]
    public void CancelledCheck_Ends_AndTheNextOneGoesOn()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using var cache = new TemporaryFolder();
        using var stop = new CancellationTokenSource();
        using var workers = new DecodeWorkers(1);
        ImageFolderListing listing = ImageFolderListing.Of(copy.Path, Stop);
        Assert.ThrowsAny<OperationCanceledException>(() => FolderCheck.Run(listing, cache.Path, workers, new Cancelling(stop), stop.Token));
        Checked(copy, cache);
        Assert.Equal(0, Checked(copy, cache));
    }

    // Whatever is done to a file, checking either refuses it or its decoding works at every scale.
    [Fact]
    public void Fuzz_DamagedJpegs_AreRefusedOrDecode()
    {
        using var files = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Directory.GetFiles(Path.Combine(folder.Path, "train", "class000"))[0]);
        RandomStream random = RandomStream.Derive(0, "fuzz check");
        var workspace = new ImageWorkspace();
        var fitting = new Fitting(ImageFit.Crop, Colour.White);
        int refused = 0;
        for (int i = 0; i < 400; i++)
        {
            byte[] damaged = random.NextBool(0.3) ? whole[..random.NextInt(whole.Length)] : [.. whole];
            int reach = random.NextBool(0.5) ? Math.Min(700, damaged.Length) : damaged.Length;
            if (damaged.Length == whole.Length) for (int k = 0; k < 3; k++) damaged[random.NextInt(reach)] = (byte)random.NextInt(256);
            File.WriteAllBytes(files["x"], damaged);
            ImageFinding found = workspace.Decoder.Inspect(files["x"]);
            if (found.IsUsable)
                workspace.Read(files["x"], found.Shape, fitting, fitting.Random(found.Width, found.Height, 0.08, random), 24);
            else refused++;
        }
        Assert.InRange(refused, 100, 399);
    }

    // A truncated file is noticed wherever it ends, but for the last few bytes, which hold no pixels.
    [Fact]
    public void TruncatedJpegs_AreFoundWhereverTheyEnd()
    {
        using var files = new TemporaryFolder();
        byte[] whole = File.ReadAllBytes(Directory.GetFiles(Path.Combine(folder.Path, "train", "class000"))[0]);
        var decoder = new ImageDecoder();
        for (int length = 0; length < whole.Length - 64; length += 53)
        {
            File.WriteAllBytes(files["x"], whole[..length]);
            Assert.Equal(ImageFault.Damaged, decoder.Inspect(files["x"]).Fault);
        }
    }

    [Theory]
    [InlineData(120, false)]
    [InlineData(4000, true)]
    public void Auto_StreamsFromAGibibyteOfDecodedImages(int side, bool streams)
    {
        using var images = new TemporaryFolder();
        using var cache = new TemporaryFolder();
        using var bitmap = new SkiaSharp.SKBitmap(
            new SkiaSharp.SKImageInfo(side, side, SkiaSharp.SKColorType.Gray8, SkiaSharp.SKAlphaType.Opaque));
        using SkiaSharp.SKData file = bitmap.Encode(SkiaSharp.SKEncodedImageFormat.Jpeg, 50);
        // 24 × 48 MB.
        foreach ((string part, int count) in new[] { ("train", 23), ("val", 1) })
        {
            Directory.CreateDirectory(images[part, "a"]);
            for (int i = 0; i < count; i++) File.WriteAllBytes(images[part, "a", $"{i}.jpg"], file.ToArray());
        }
        using ImageData data = Open(images.Path, cache, StreamingChoice.Auto, size: 16);
        Assert.Equal(streams, data.Train is StreamedImages);
    }

    private static int Checked(TemporaryFolder images, TemporaryFolder cache)
    {
        var progress = new Highest();
        using var workers = new DecodeWorkers(2);
        FolderCheck.Run(ImageFolderListing.Of(images.Path, Stop), cache.Path, workers, progress, Stop);
        return progress.Total;
    }

    private static ImageData Open(string path, TemporaryFolder cache, StreamingChoice streaming, bool skip = false, int size = 32) =>
        ImageDataReader.Open(
            new DataSource("images", path),
            new ImageReadOptions(size, cache.Path) { Streaming = streaming, SkipCorrupt = skip, Workers = 2 }, Stop);

    private sealed class Highest : IProgress<RunProgress>
    {
        public int Total { get; private set; }

        public void Report(RunProgress value) => Total = int.Parse(value.Detail.Split(' ')[2], CultureInfo.InvariantCulture);
    }

    private sealed class Cancelling(CancellationTokenSource stop) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => stop.Cancel();
    }
}
