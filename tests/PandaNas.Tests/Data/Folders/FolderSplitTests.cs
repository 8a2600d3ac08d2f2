using System.Text.Json;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using SkiaSharp;

namespace PandaNas.Tests.Data.Folders;

/// <summary>Folders without train and test folders.</summary>
public sealed class FolderSplitTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();

    public FolderSplitTests()
    {
        Write("cat", 100);
        Write("dog", 40);
        Write("emu", 3);
        Write("fox", 1);
    }

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Fact]
    public void FifteenPercentOfEveryClassTest_AtLeastOneOfTwo_ASingleImageTrains()
    {
        using ImageData data = Open();
        // 15% of 144 is 22; 15.3, 6.1, 0.5 and 0.2 by class.
        Assert.Equal([15, 6, 1, 0], StratifiedSplit.Sizes(data.Test.Labels, 4));
        Assert.Equal([85, 34, 2, 1], StratifiedSplit.Sizes(data.Train.Labels, 4));
        Assert.Contains(
            $"'{_folder.Path}' has no train and test folders: 22 of its 144 images (15.3%) are the test part, "
            + "drawn within each class by seed 0",
            data.Notes);
        IEnumerable<string> files = Directory.GetFiles(_folder.Path, "*", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(_folder.Path, path).Replace('\\', '/'));
        Assert.Equal(files.Order(StringComparer.Ordinal), data.Split!.Training.Concat(data.Split.Test).Order(StringComparer.Ordinal));
        using ImageData half = Open(share: 0.5);
        Assert.Equal([50, 20, 2, 0], StratifiedSplit.Sizes(half.Test.Labels, 4));
    }

    [Fact]
    public void TheSplitIsWhatIsUsed()
    {
        using ImageData data = Open();
        for (int i = 0; i < data.Test.Count; i++) Assert.Equal(Pixels(data.Split!.Test[i]), data.Test.Pixels(i).ToArray());
        for (int i = 0; i < data.Train.Count; i++) Assert.Equal(Pixels(data.Split!.Training[i]), data.Train.Pixels(i).ToArray());
    }

    [Fact]
    public void SameSeed_SameSplit_OtherSeed_AnotherOne_WhateverTheOrderOfReading()
    {
        using ImageData one = Open(), again = Open(), streamed = Open(streaming: StreamingChoice.On), other = Open(seed: 1);
        Assert.Equal(one.Split, again.Split);
        Assert.Equal(one.Split, streamed.Split);
        Assert.NotEqual(one.Split!.Test, other.Split!.Test);
        Assert.InRange(one.Split.Test.Intersect(other.Split.Test).Count(), 0, 12);
    }

    [Fact]
    public void NewImages_HardlyChangeTheChoiceAmongTheOthers()
    {
        using ImageData before = Open();
        for (int i = 0; i < 20; i++) File.WriteAllBytes(_folder["cat", $"a{i}.png"], Png($"cat/a{i}.png"));
        using ImageData after = Open();
        string[] old = [.. after.Split!.Test.Where(path => !path.StartsWith("cat/a", StringComparison.Ordinal))];
        Assert.True(before.Split!.Test.Except(old).Count() <= 4, string.Join(' ', before.Split.Test.Except(old)));
    }

    [Fact]
    public void RecordedSplit_HoldsWhateverComesToTheFolder_AndIsReadBack()
    {
        using ImageData before = Open();
        FolderSplit split =
            JsonSerializer.Deserialize<FolderSplit>(JsonSerializer.Serialize(before.Split, RunJson.Options), RunJson.Options)!;
        Assert.Equal(before.Split, split);
        for (int i = 0; i < 20; i++) File.WriteAllBytes(_folder["cat", $"a{i}.png"], Png($"cat/a{i}.png"));
        Write("ant", 5);
        using ImageData after = Open(seed: 9, split: split);
        Assert.Equal(["cat", "dog", "emu", "fox"], after.Train.ClassNames);
        Assert.Equal((split, 25), (after.Split, after.Newer));
        Assert.Equal(before.Train.Labels.ToArray(), after.Train.Labels.ToArray());
        for (int i = 0; i < after.Test.Count; i++) Assert.Equal(before.Test.Pixels(i).ToArray(), after.Test.Pixels(i).ToArray());

        File.Delete(_folder["dog", "7.png"]);
        string message = Assert.Throws<BadDataException>(() => Open(split: split)).Message;
        Assert.Contains($"1 of the run's 144 images are not in '{_folder.Path}': dog/7.png", message);
        Assert.Contains("Data images:", message);
    }

    [Fact]
    public void DamagedImages_AreNotCountedInTheSplit()
    {
        foreach (string name in (string[])["0", "1", "2", "3"]) File.WriteAllText(_folder["cat", $"{name}.png"], "junk");
        using ImageData data = ImageDataReader.Open(
            new DataSource("images", _folder.Path), new ImageReadOptions(CacheFolder: _cache.Path) { SkipCorrupt = true },
            TestContext.Current.CancellationToken);
        Assert.Equal((4, 140), (data.LeftOut, data.Split!.Training.Length + data.Split.Test.Length));
        Assert.Equal(["cat/0.png", "cat/1.png", "cat/2.png", "cat/3.png"], data.Split.LeftOut);
        File.WriteAllBytes(_folder["cat", "0.png"], Png("cat/0.png"));
        File.WriteAllBytes(_folder["cat", "new.png"], Png("cat/new.png"));
        using ImageData later = Open(split: data.Split);
        Assert.Equal((4, 1, 140), (later.LeftOut, later.Newer, later.Train.Count + later.Test.Count));
        Assert.Equal([14, 6, 1, 0], StratifiedSplit.Sizes(data.Test.Labels, 4));
    }

    [Fact]
    public void ClassesOfSingleImages_CannotBeDivided()
    {
        foreach (string name in (string[])["cat", "dog", "emu"]) Directory.Delete(_folder[name], recursive: true);
        Write("gnu", 1);
        Assert.Contains("no class", Assert.Throws<BadDataException>(() => Open()).Message);
    }

    private ImageData Open(
        long seed = 0, double share = 0.15, FolderSplit? split = null, StreamingChoice streaming = StreamingChoice.Auto)
    {
        var options = new ImageReadOptions(CacheFolder: _cache.Path)
        {
            SplitSeed = seed,
            TestShare = share,
            Split = split,
            Streaming = streaming,
            ImageSize = streaming == StreamingChoice.On ? 8 : 0,
        };
        return ImageDataReader.Open(new DataSource("images", _folder.Path), options, TestContext.Current.CancellationToken);
    }

    private void Write(string name, int count)
    {
        Directory.CreateDirectory(_folder[name]);
        for (int i = 0; i < count; i++) File.WriteAllBytes(_folder[name, $"{i}.png"], Png($"{name}/{i}.png"));
    }

    private static byte[] Png(string purpose) => Sample.Encoded(4, 4, purpose, SKEncodedImageFormat.Png, out _);

    private static byte[] Pixels(string purpose)
    {
        Sample.Encoded(4, 4, purpose, SKEncodedImageFormat.Png, out byte[] planes);
        return planes;
    }
}
