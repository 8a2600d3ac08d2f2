using System.Diagnostics;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using SkiaSharp;

namespace PandaNas.Tests.Data.Folders;

/// <summary>Which folders are classes, which are parts, and what else lies about in folders of photos.</summary>
public sealed class FolderLayoutTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    [Theory]
    [InlineData("Train", "valid", "Testing")]
    [InlineData("training", "Validation", "TEST")]
    [InlineData("train", "val", "test")]
    public void ValidationRanks_AndTestTests_WhateverTheyAreCalled(string train, string validation, string test)
    {
        foreach ((string part, int count) in new[] { (train, 5), (validation, 3), (test, 2) }) Write(part, ["cat", "dog"], count);
        using ImageData data = Open();
        Assert.Equal((10, 6, 4), (data.Train.Count, data.Validation!.Count, data.Test.Count));
        Assert.Equal(Pixels($"{validation}/dog/2"), data.Validation.Pixels(5).ToArray());
        Assert.Equal(Pixels($"{test}/cat/1"), data.Test.Pixels(1).ToArray());
        Assert.Null(data.Split);
        using ImageData small = Sample.Open($"images:{_folder.Path}", size: 4, cache: _cache.Path);
        Assert.Equal((10, 6, 4, 4), (small.Train.Count, small.Validation!.Count, small.Test.Count, small.Validation.Width));
    }

    [Theory]
    [InlineData("")]
    [InlineData("train")]
    public void FilesBesideClassFolders_AreLeftOut_AndSaid(string place)
    {
        if (place.Length == 0) Write("", ["a", "b"], 4);
        else foreach (string part in (string[])["train", "test"]) Write(part, ["a", "b"], 4);
        foreach (string name in (string[])["notes.txt", "Thumbs.db", "stray.png"]) File.WriteAllText(_folder[place, name], "x");
        using ImageData data = Open();
        string note = Assert.Single(data.Notes, note => note.Contains("beside the class folders", StringComparison.Ordinal));
        Assert.Contains("2 files", note, StringComparison.Ordinal);
        Assert.Contains("'notes.txt', 'stray.png'", note, StringComparison.Ordinal);
    }

    [Fact]
    public void ValidationAlone_TakesThePlaceOfTheTestImages()
    {
        Write("train", ["a", "b"], 3);
        Write("valid", ["a", "b"], 1);
        using ImageData data = Open();
        Assert.Equal((6, 2, (LabelledImages?)null), (data.Train.Count, data.Test.Count, data.Validation));
    }

    [Fact]
    public void UnlabelledTestImages_AreLeftOut_AndSaid()
    {
        Write("train", ["a", "b"], 3);
        Write("val", ["a", "b"], 2);
        Directory.CreateDirectory(_folder["test"]);
        File.WriteAllBytes(_folder["test", "0001.png"], Png("x"));
        Directory.CreateDirectory(_folder["extra"]);
        using ImageData data = Open();
        Assert.Equal((6, 4, (LabelledImages?)null), (data.Train.Count, data.Test.Count, data.Validation));
        Assert.Contains("'test' left out: it has no class folders, so its images have no labels", data.Notes);
        Assert.Contains(data.Notes, note => note.Contains("'extra'", StringComparison.Ordinal));
    }

    [Fact]
    public void TrainingFolderAlone_IsDivided_AsAFlatFolderIs()
    {
        Write("train", ["a", "b"], 10);
        using ImageData data = Open();
        Assert.Equal((17, 3), (data.Train.Count, data.Test.Count));
        Assert.All(data.Split!.Test, path => Assert.StartsWith("train/", path));
    }

    [Fact]
    public void AClassOfTrains_IsAClass()
    {
        Write("", ["train", "car"], 4);
        using ImageData data = Open();
        Assert.Equal(["car", "train"], data.Train.ClassNames);
    }

    [Fact]
    public void PartsWithoutTraining_TwiceTheSame_OrOtherClasses_AreRefused()
    {
        Write("test", ["a", "b"], 1);
        AssertRefused("no folder 'train'");
        Write("train", ["a", "b"], 1);
        Write("Training", ["a", "b"], 1);
        AssertRefused("'Training', 'train'", "same part");
        Directory.Delete(_folder["Training"], recursive: true);
        Write("val", ["a", "c", "d"], 1);
        AssertRefused("'b' is in", "but not in '" + _folder["val"]);
    }

    // train/images/*: everything would be learnt at once, to 100%.
    [Theory]
    [InlineData("train", "images")]
    [InlineData("", "photos")]
    public void SingleClass_IsDescribed(string part, string name)
    {
        Write(part, [name], 3);
        using ImageData data = Open();
        Assert.Contains($"has a single folder, '{name}', so there is only one class", data.SingleClass);
        Assert.Contains("CLASS/*, or train/CLASS/* and test/CLASS/*", data.SingleClass);
    }

    [Fact]
    public void FolderAroundTheClasses_IsFound()
    {
        Write("photos", ["cat", "dog"], 3);
        AssertRefused("single folder, 'photos'", "'cat', 'dog'", $"images:{_folder["photos"]}");
    }

    [Fact]
    public void CifarFolder_NamesItsFormat()
    {
        Sample.WriteCifar10(_folder);
        AssertRefused($"try cifar10:{_folder.Path}");
    }

    [Fact]
    public void FilesOfOperatingSystems_AreIgnored_OthersNamedOnce_EmptyClassesToo()
    {
        Write("", ["cat", "dog"], 4);
        Directory.CreateDirectory(_folder["empty"]);
        foreach (string name in (string[])["Thumbs.db", "thumbs.DB", "desktop.ini", ".DS_Store", "._0.png"])
            File.WriteAllText(_folder["cat", name], "x");
        Directory.CreateDirectory(_folder["dog", "@eaDir"]);
        Directory.CreateDirectory(_folder["__MACOSX"]);
        File.WriteAllText(_folder["cat", "notes.txt"], "x");
        File.WriteAllText(_folder["dog", "clip.MP4"], "x");
        using ImageData data = Open();
        Assert.Equal((8, 0), (data.Train.Count + data.Test.Count, data.LeftOut));
        Assert.Contains("2 files that are no images left out: cat/notes.txt, dog/clip.MP4", data.Notes);
        Assert.Contains("1 class folder without images left out: empty", data.Notes);
        Assert.DoesNotContain(data.Notes, note => note.Contains("Thumbs", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public void NamedPipe_IsNamed_AndNeverOpened()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "named pipes are told apart on Linux");
        Write("", ["cat", "dog"], 4);
        Shell("mkfifo", _folder["cat", "queue.jpg"]);
        File.CreateSymbolicLink(_folder["dog", "null.png"], "/dev/null");
        using ImageData data = Open();
        Assert.Equal(8, data.Train.Count + data.Test.Count);
        Assert.Contains("2 entries that are no files left out: cat/queue.jpg (a named pipe), dog/null.png (a device)", data.Notes);
    }

    [Fact]
    public void NameThatIsNotUtf8_IsNamedAsSuch_OrLeftOut()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "other systems have no such names");
        Write("", ["cat", "dog"], 4);
        Shell("bash", "-c", $"cp '{_folder["cat", "0.png"]}' '{_folder["cat"]}'/$'gr\\xfcn.png'");
        AssertRefused("not UTF-8", "cat/gr\uFFFDn.png", "SkipCorrupt");
        using ImageData data = ImageDataReader.Open(
            new DataSource("images", _folder.Path), new ImageReadOptions(CacheFolder: _cache.Path) { SkipCorrupt = true },
            TestContext.Current.CancellationToken);
        Assert.Equal((8, 1), (data.Train.Count + data.Test.Count, data.LeftOut));
        Shell("bash", "-c", $"mkdir '{_folder.Path}'/$'fl\\xe4che'");
        AssertRefused("not UTF-8", "rename");
        // .NET cannot name them, so it cannot delete them.
        Shell("bash", "-c", $"rm -r '{_folder.Path}'/*");
    }

    // Names are no proof: other images of 32 pixels under the names of CIFAR-10 must not pass for it where truths are looked up.
    [Theory]
    [InlineData(32, true)]
    [InlineData(16, true)]
    [InlineData(32, false)]
    public void ClassNamesOfCifar_AreAGuess(int side, bool ten)
    {
        string[] names = ten ? Sample.Cifar10Names : [.. CifarClassNames.Cifar100];
        Sample.WriteImageFolder(_folder, names, height: side, width: side, train: 1);
        using ImageData data = Open();
        Assert.Equal($"images with the class names of {(ten ? "cifar10" : "cifar100")}", data.DataSet);
        Assert.Throws<BadDataException>(
            () => PandaNas.Ranking.TruthColumn.Choose(["cifar10", "cifar100"], data.DataSet, null, allowMismatch: false));
        Assert.Equal("cifar10", PandaNas.Ranking.TruthColumn.Choose(["cifar10", "cifar100"], data.DataSet, "cifar10", allowMismatch: true));
    }

    [Fact]
    public void Cifar_IsKnownByItsCountsMeansAndDeviations()
    {
        Assert.Equal("cifar10", Identify(shift: 0, missing: 0));
        Assert.Equal("images with the class names of cifar10", Identify(shift: 3, missing: 0));
        Assert.Equal("images with the class names of cifar10", Identify(shift: 0, missing: 1));
    }

    private static string? Identify(int shift, int missing)
    {
        using ImageSet training = OfCifar(50_000 - missing, [0.4914, 0.4822, 0.4465], [0.2470, 0.2435, 0.2616], shift);
        using ImageSet test = OfCifar(10_000, [0.4942, 0.4851, 0.4504], [0.2467, 0.2429, 0.2616], shift);
        return CifarFingerprint.Identify(training, null, test);
    }

    // Half of the pixels lie a deviation above the mean, half below.
    private static ImageSet OfCifar(int count, double[] mean, double[] deviation, int shift)
    {
        byte[] pixels = new byte[count * 3072];
        for (int channel = 0; channel < 3; channel++)
        {
            byte low = (byte)(Math.Round(255 * (mean[channel] - deviation[channel])) + shift);
            byte high = (byte)(Math.Round(255 * (mean[channel] + deviation[channel])) + shift);
            for (int image = 0; image < count; image++)
            {
                Span<byte> plane = pixels.AsSpan(image * 3072 + channel * 1024, 1024);
                plane[..512].Fill(low);
                plane[512..].Fill(high);
            }
        }
        return ImageSet.FromArray(pixels, [.. Enumerable.Range(0, count).Select(i => i % 10)], 3, 32, 32, CifarClassNames.Cifar10);
    }

    private static void Shell(string program, params string[] arguments)
    {
        using Process process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private void Write(string part, string[] classes, int count)
    {
        foreach (string name in classes)
        {
            Directory.CreateDirectory(_folder[part, name]);
            for (int i = 0; i < count; i++) File.WriteAllBytes(_folder[part, name, $"{i}.png"], Png($"{part}/{name}/{i}"));
        }
    }

    private static byte[] Png(string purpose) => Sample.Encoded(6, 6, purpose, SKEncodedImageFormat.Png, out _);

    private static byte[] Pixels(string purpose)
    {
        Sample.Encoded(6, 6, purpose, SKEncodedImageFormat.Png, out byte[] planes);
        return planes;
    }

    private ImageData Open() => Sample.Open($"images:{_folder.Path}", cache: _cache.Path);

    private void AssertRefused(params string[] parts)
    {
        string message = Sample.Refused($"images:{_folder.Path}", _cache.Path).Message;
        foreach (string part in parts) Assert.Contains(part, message);
    }
}
