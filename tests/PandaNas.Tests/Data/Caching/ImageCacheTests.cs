using PandaNas.Data.Caching;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Caching;

public sealed class ImageCacheTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();
    private readonly Recorder _progress = new();

    public ImageCacheTests() => Sample.WriteImageFolder(_folder, ["a", "b"], train: 4, test: 2);

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void SecondOpening_DecodesNothing_AndGivesTheSame()
    {
        byte[] first = Read();
        Assert.Equal(new RunProgress("read images", 1, "12 of 12 images"), _progress.Reports[^1]);
        AssertReused(first);
        Assert.Single(CacheFiles());
    }

    [Fact]
    public void TrailingSlash_AndDots_AreTheSameFolder()
    {
        byte[] first = Read();
        _progress.Reports.Clear();
        using ImageData data = Sample.Open(
            $"images:{_folder.Path}/../{Path.GetFileName(_folder.Path)}/", cache: _cache.Path, progress: _progress);
        Assert.Empty(_progress.Reports);
        Assert.Equal(first, All(data));
    }

    [Fact]
    public void OtherFolder_HasAnotherCache()
    {
        Read();
        using var other = new TemporaryFolder();
        Sample.WriteImageFolder(other, ["x"]);
        using ImageData data = Sample.Open($"images:{other.Path}", cache: _cache.Path);
        Assert.Equal(2, CacheFiles().Length);
        AssertReused(Read());
    }

    [Fact]
    public void ChangedContent_OfAnotherSize_IsReadAnew()
    {
        Read();
        DateTime time = File.GetLastWriteTimeUtc(_folder["train", "b", "1.png"]);
        byte[] grey = Sample.GreyPng(8, 8, "new", out byte[] plane);
        File.WriteAllBytes(_folder["train", "b", "1.png"], grey);
        File.SetLastWriteTimeUtc(_folder["train", "b", "1.png"], time);
        AssertRebuilt();
        using ImageData data = Sample.Open($"images:{_folder.Path}", cache: _cache.Path);
        Assert.Equal([.. plane, .. plane, .. plane], data.Train.Pixels(5).ToArray());
    }

    [Fact]
    public void ChangedTime_IsReadAnew()
    {
        byte[] first = Read();
        File.SetLastWriteTimeUtc(_folder["test", "a", "0.png"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(first, AssertRebuilt());
    }

    [Fact]
    public void AddedRemovedAndRenamedFiles_AreReadAnew()
    {
        Read();
        string added = _folder["train", "a", "9.png"];
        File.Copy(_folder["train", "a", "0.png"], added);
        AssertRebuilt();
        File.Move(added, _folder["train", "a", "8.png"]);
        AssertRebuilt();
        File.Delete(_folder["train", "a", "8.png"]);
        AssertRebuilt();
        Directory.Move(_folder["train", "b"], _folder["train", "c"]);
        Directory.Move(_folder["test", "b"], _folder["test", "c"]);
        AssertRebuilt();
        AssertReused(Read());
    }

    [Fact]
    public void FlippedPixelByte_IsReadAnew()
    {
        byte[] first = Read();
        Damage(file =>
        {
            file.Position = file.Length - 100;
            int value = file.ReadByte();
            file.Position--;
            file.WriteByte((byte)(value ^ 1));
        });
        Assert.Equal(first, AssertRebuilt());
        AssertReused(first);
    }

    [Fact]
    public void ShortLongOrForeignCacheFile_IsReadAnew()
    {
        byte[] first = Read();
        Action<FileStream>[] damages =
        [
            file => file.SetLength(file.Length - 1),
            file => file.SetLength(file.Length + 1),
            file => file.SetLength(20),
            file => file.SetLength(0),
            file => file.Write("something else entirely"u8),
            file => { file.Position = 8; file.WriteByte(99); }, // the version
            file => { file.Position = 12; file.Write([255, 255, 255, 127]); }, // the header's length
            file => { file.Position = 60; file.WriteByte((byte)'#'); }, // within the JSON
        ];
        foreach (Action<FileStream> damage in damages)
        {
            Damage(damage);
            Assert.Equal(first, AssertRebuilt());
        }
    }

    // Every random change of a cache file is noticed: the pixels are always the images' own.
    [Fact]
    public void Fuzz_RandomDamage_IsAlwaysNoticed()
    {
        byte[] first = Read();
        var random = PandaNas.Sampling.RandomStream.Derive(1, "cache fuzz");
        for (int i = 0; i < 60; i++)
        {
            Damage(file =>
            {
                if (random.NextBool(0.2)) file.SetLength(random.NextInt((int)file.Length));
                else Flip(file, random.NextInt((int)file.Length), 1 << random.NextInt(8));
            });
            Assert.Equal(first, Read());
        }
    }

    [Fact]
    public void SeveralBuilders_AtOnce_DoNotDisturbEachOther()
    {
        for (int run = 0; run < 5; run++)
        {
            var results = new byte[6][];
            Parallel.For(0, 6, i =>
            {
                using ImageData data = Sample.Open($"images:{_folder.Path}", cache: _cache.Path);
                results[i] = All(data);
            });
            Assert.All(results, result => Assert.Equal(results[0], result));
            File.Delete(Assert.Single(CacheFiles()));
        }
    }

    [Fact]
    public void OpenSet_SurvivesTheReplacementOfItsCache()
    {
        using ImageData old = Sample.Open($"images:{_folder.Path}", cache: _cache.Path);
        byte[] before = All(old);
        File.WriteAllBytes(_folder["train", "a", "0.png"], Sample.GreyPng(8, 8, "new", out _));
        Assert.NotEqual(before, Read());
        Assert.Equal(before, All(old));
    }

    [Fact]
    public void Leftovers_OfOurs_OlderThanADay_AreRemoved()
    {
        string old = _cache[".pandanas-images-00.cache.1.tmp"];
        string fresh = _cache["pandanas-images-01.cache.2.tmp"];
        string foreign = _cache["thesis.tmp"];
        foreach (string file in new[] { old, fresh, foreign }) File.WriteAllText(file, "x");
        foreach (string file in new[] { old, foreign }) File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddHours(-25));
        Read();
        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(fresh), File.Exists(foreign)));
    }

    [Fact]
    public void UnwritableCacheFolder_IsNamed_WithAWayOut()
    {
        File.WriteAllText(_cache["file"], "x");
        var error = Assert.Throws<RunFailedException>(() => Sample.Open($"images:{_folder.Path}", cache: _cache["file", "below"]));
        Assert.Contains(_cache["file", "below"], error.Message);
        Assert.Contains("XDG_CACHE_HOME", error.Message);
    }

    [Fact]
    public void FolderInTheCachesPlace_IsAnError_AndNothingIsLeft()
    {
        Read();
        string path = Assert.Single(CacheFiles());
        File.Delete(path);
        Directory.CreateDirectory(Path.Combine(path, "x"));
        Assert.Throws<RunFailedException>(() => Sample.Open($"images:{_folder.Path}", cache: _cache.Path));
        Assert.Empty(CacheFiles());
        Assert.Empty(Directory.GetFiles(_cache.Path, "*.tmp"));
    }

    [Fact]
    public void Cancelling_LeavesNoTemporaryFile()
    {
        using var stop = new CancellationTokenSource();
        _progress.Then = stop.Cancel;
        DataSource source = DataSource.Parse($"images:{_folder.Path}");
        var options = new ImageReadOptions(CacheFolder: _cache.Path);
        Assert.ThrowsAny<OperationCanceledException>(() => ImageDataReader.Open(source, options, stop.Token, _progress));
        Assert.Empty(Directory.GetFiles(_cache.Path, "*.tmp", new EnumerationOptions { AttributesToSkip = 0 }));
        Assert.ThrowsAny<OperationCanceledException>(() => ImageDataReader.Open(source, options, stop.Token));
    }

    [Fact]
    public void ChooseFolder_PrefersTheChoice_ThenXdg()
    {
        Assert.Equal(Path.GetFullPath("here"), ImageCache.ChooseFolder("here", "/xdg"));
        if (!OperatingSystem.IsWindows()) Assert.Equal("/xdg/pandanas", ImageCache.ChooseFolder(null, "/xdg"));
        Assert.EndsWith("pandanas", ImageCache.ChooseFolder(null, "relative/ignored"));
        Assert.DoesNotContain("relative", ImageCache.ChooseFolder(null, "relative/ignored"));
        Assert.True(Path.IsPathFullyQualified(ImageCache.ChooseFolder(null, null)));
    }

    // Beside them lies what the check found.
    private string[] CacheFiles() => Directory.GetFiles(_cache.Path, "*.cache");

    private byte[] Read()
    {
        using ImageData data = Sample.Open($"images:{_folder.Path}", cache: _cache.Path, progress: _progress);
        return All(data);
    }

    private byte[] AssertRebuilt()
    {
        _progress.Reports.Clear();
        byte[] result = Read();
        Assert.NotEmpty(_progress.Reports);
        return result;
    }

    private void AssertReused(byte[] expected)
    {
        _progress.Reports.Clear();
        Assert.Equal(expected, Read());
        Assert.Empty(_progress.Reports);
    }

    private static byte[] All(ImageData data) =>
        [.. Enumerable.Range(0, data.Train.Count).SelectMany(i =>
            data.Train.Pixels(i).ToArray()), .. Enumerable.Range(0, data.Test.Count).SelectMany(i => data.Test.Pixels(i).ToArray())];

    private void Damage(Action<FileStream> damage)
    {
        using FileStream file = new(Assert.Single(CacheFiles()), FileMode.Open, FileAccess.ReadWrite);
        damage(file);
    }

    private static void Flip(FileStream file, int at, int bits)
    {
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ bits));
    }

    private sealed class Recorder : IProgress<RunProgress>
    {
        public List<RunProgress> Reports { get; } = [];

        public Action? Then { get; set; }

        public void Report(RunProgress value)
        {
            Reports.Add(value);
            Then?.Invoke();
        }
    }
}
