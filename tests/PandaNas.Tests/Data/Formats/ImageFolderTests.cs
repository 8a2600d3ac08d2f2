using PandaNas.Data.Formats;
using SkiaSharp;

namespace PandaNas.Tests.Data.Formats;

public sealed class ImageFolderTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData("test")]
    [InlineData("val")]
    public void PngFiles_GiveTheirPixels_ClassesAndFilesInOrdinalOrder(string testName)
    {
        string[] classes = ["b", "B", "a", "é"];
        Sample.WriteImageFolder(_folder, classes, train: 11, test: 2, testName: testName);
        using ImageData data = Open();
        Assert.Equal("images", data.DataSet);
        Assert.Equal(["B", "a", "b", "é"], data.Train.ClassNames);
        Assert.Equal((3, 8, 8, 44, 8), (data.Train.Channels, data.Train.Height, data.Train.Width, data.Train.Count, data.Test.Count));
        int[] fileOrder = [0, 1, 10, 2, 3, 4, 5, 6, 7, 8, 9];
        for (int i = 0; i < 44; i++)
        {
            Assert.Equal(i / 11, data.Train.Labels[i]);
            Assert.Equal(
                Sample.Bytes(3 * 64, $"train/{data.Train.ClassNames[i / 11]}/{fileOrder[i % 11]}"), data.Train.Pixels(i).ToArray());
        }
        Assert.Equal(Sample.Bytes(3 * 64, $"{testName}/b/1"), data.Test.Pixels(5).ToArray());
    }

    [Fact]
    public void Grey_BecomesThreeEqualPlanes()
    {
        Sample.WriteImageFolder(_folder, ["a"], train: 1);
        File.WriteAllBytes(_folder["train", "a", "grey.png"], Sample.GreyPng(8, 8, "grey", out byte[] plane));
        using ImageData data = Open();
        Assert.Equal([.. plane, .. plane, .. plane], data.Train.Pixels(1).ToArray());
    }

    [Fact]
    public void Jpeg_DecodesAsSkiaBitmapsDo()
    {
        Sample.WriteImageFolder(_folder, ["a"], height: 24, width: 24, train: 1);
        byte[] jpeg = Sample.Encoded(24, 24, "jpeg", SKEncodedImageFormat.Jpeg, out _);
        File.WriteAllBytes(_folder["train", "a", "x.jpg"], jpeg);
        using ImageData data = Open();
        using SKBitmap expected = SKBitmap.Decode(jpeg);
        byte[] found = data.Train.Pixels(1).ToArray();
        for (int i = 0; i < 24 * 24; i++)
        {
            SKColor colour = expected.GetPixel(i % 24, i / 24);
            Assert.Equal((colour.Red, colour.Green, colour.Blue), (found[i], found[576 + i], found[1152 + i]));
        }
    }

    [Fact]
    public void HiddenFiles_AndLooseFilesBesideTheClasses_AreIgnored()
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        File.WriteAllText(_folder["train", "a", ".DS_Store"], "x");
        File.WriteAllText(_folder["train", "labels.csv"], "x");
        Directory.CreateDirectory(_folder["train", ".thumbnails"]);
        using ImageData data = Open();
        Assert.Equal((3, 1), (data.Train.Count, data.Train.Classes));
    }

    [Fact]
    public void LinkedFiles_AreRead_AndTheirTargetIsWhatIsChecked()
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        File.WriteAllBytes(_folder["target"], Sample.Encoded(8, 8, "one", SKEncodedImageFormat.Png, out byte[] one));
        File.CreateSymbolicLink(_folder["train", "a", "link.png"], _folder["target"]);
        using (ImageData data = Open()) Assert.Equal(one, data.Train.Pixels(3).ToArray());
        File.WriteAllBytes(_folder["target"], Sample.Encoded(8, 8, "two", SKEncodedImageFormat.Png, out byte[] two));
        File.SetLastWriteTimeUtc(_folder["target"], new DateTime(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        using (ImageData data = Open()) Assert.Equal(two, data.Train.Pixels(3).ToArray());
    }

    [Fact]
    public void MissingFolders()
    {
        AssertRefused("no class folders");
        Directory.CreateDirectory(_folder["train"]);
        AssertRefused("no class folders");
        Directory.CreateDirectory(_folder["test", "a"]);
        AssertRefused("no class folders");
        Assert.Contains("does not exist", Sample.Refused($"images:{_folder["nowhere"]}", _cache.Path).Message);
        File.WriteAllText(_folder["file"], "x");
        Assert.Contains("is a file", Sample.Refused($"images:{_folder["file"]}", _cache.Path).Message);
    }

    [Fact]
    public void ClassesDiffer()
    {
        Sample.WriteImageFolder(_folder, ["a", "b"]);
        Directory.CreateDirectory(_folder["train", "c"]);
        AssertRefused("'c'", $"not in '{_folder["test"]}'");
        Directory.Move(_folder["train", "c"], _folder["test", "c"]);
        AssertRefused("'c'", $"not in '{_folder["train"]}'");
    }

    [Fact]
    public void ClassWithoutImages()
    {
        Sample.WriteImageFolder(_folder, ["a", "b"]);
        File.Delete(_folder["test", "b", "0.png"]);
        File.WriteAllText(_folder["test", "b", ".hidden"], "x");
        AssertRefused(_folder["test", "b"], "no images");
    }

    [Fact]
    public void FolderWithinAClass()
    {
        Sample.WriteImageFolder(_folder, ["a", "b"]);
        Directory.CreateDirectory(_folder["train", "a", "more"]);
        AssertRefused(_folder["train", "a", "more"]);
    }

    public static TheoryData<string, byte[], string> BadFiles()
    {
        byte[] png = Sample.Encoded(6, 8, "x", SKEncodedImageFormat.Png, out _);
        byte[] jpeg = Sample.Encoded(6, 8, "x", SKEncodedImageFormat.Jpeg, out _);
        byte[] corrupt = [.. png];
        for (int i = 60; i < 100; i++) corrupt[i] ^= 0x5a;
        return new()
        {
            { "empty.png", [], "empty" },
            { "text.png", "this is no image"u8.ToArray(), "not an image" },
            { "no-extension", "this is no image"u8.ToArray(), "not an image" },
            { "a.tif", [.. "II"u8, 42, 0, .. new byte[20]], "TIFF" },
            { "heic.jpg", [0, 0, 0, 24, .. "ftypheic"u8, .. new byte[20]], "HEIC" },
            { "cut.png", png[..(png.Length / 2)], "cut.png" },
            { "cut.jpg", jpeg[..(jpeg.Length - 40)], "truncated" },
            { "header.jpg", jpeg[..10], "header" },
            { "corrupt.png", corrupt, "corrupt.png" },
        };
    }

    [Theory]
    [MemberData(nameof(BadFiles), DisableDiscoveryEnumeration = true)]
    public void BadFile_IsNamed_AndNothingIsLeftBehind(string name, byte[] content, string part)
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        File.WriteAllBytes(_folder["train", "a", name], content);
        AssertRefused(_folder["train", "a", name], part);
        string[] left =
        [
            .. Directory.GetFileSystemEntries(_cache.Path)
                .Where(path => !Path.GetFileName(path).StartsWith("pandanas-checked-", StringComparison.Ordinal))
        ];
        Assert.Contains(_folder["train", "a", name], File.ReadAllText(Assert.Single(left)));
    }

    [Fact]
    public void FirstBadFile_IsReported_WhateverTheThreads()
    {
        Sample.WriteImageFolder(_folder, ["a"], train: 200);
        foreach (int i in new[] { 150, 160, 30, 199 }) File.WriteAllText(_folder["train", "a", $"{i}.png"], "junk");
        for (int run = 0; run < 5; run++) AssertRefused(_folder["train", "a", "150.png"]);
    }

    [Fact]
    public void DanglingLink()
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        File.CreateSymbolicLink(_folder["train", "a", "gone.png"], _folder["gone"]);
        AssertRefused(_folder["train", "a", "gone.png"]);
    }

    [Fact]
    public void LinkToItself()
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        File.CreateSymbolicLink(_folder["train", "a", "loop.png"], _folder["train", "a", "loop.png"]);
        AssertRefused(_folder["train", "a", "loop.png"], "cannot read");
    }

    private ImageData Open() => Sample.Open($"images:{_folder.Path}", cache: _cache.Path);

    private void AssertRefused(params string[] parts)
    {
        string message = Sample.Refused($"images:{_folder.Path}", _cache.Path).Message;
        foreach (string part in parts) Assert.Contains(part, message);
    }
}
