using System.Formats.Tar;
using System.IO.Compression;
using PandaNas.Data.Batches;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Formats;

public sealed class RealCifarTests
{
    private const string Archive = "cifar10-images.tar.gz";

    // The archive starts with train/airplane; its first images are enough to see that real photographs come through.
    [Fact]
    public void RealJpegs_AreRead_WithPlausibleColours()
    {
        string? archive = FindArchive();
        Assert.SkipWhen(
            archive is null, $"{Archive} is neither in the folder of PANDA_TEST_DATA nor in ../shared/data beside the repository");
        using var folder = new TemporaryFolder();
        using var cache = new TemporaryFolder();
        Unpack(archive!, folder, count: 300);
        using ImageData data = Sample.Open($"images:{folder.Path}", cache: cache.Path);
        Assert.Equal((200, 100, 3, 32, 32), (data.Train.Count, data.Test.Count, data.Train.Channels, data.Train.Height, data.Train.Width));
        // Airplanes fly in the sky: more blue than red, and bright.
        ChannelStatistics statistics = data.Train.MeasureStatistics(TestContext.Current.CancellationToken);
        Assert.True(statistics.Mean[2] > statistics.Mean[0]);
        Assert.InRange(statistics.Mean[2], 0.45, 0.7);
        Assert.InRange(statistics.Deviation[0], 0.15, 0.35);
    }

    private static void Unpack(string archive, TemporaryFolder folder, int count)
    {
        using var reader = new TarReader(new GZipStream(File.OpenRead(archive), CompressionMode.Decompress));
        int done = 0;
        while (done < count && reader.GetNextEntry() is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)) continue;
            string part = done < count * 2 / 3 ? "train" : "test";
            Directory.CreateDirectory(folder[part, "airplane"]);
            entry.ExtractToFile(folder[part, "airplane", Path.GetFileName(entry.Name)], overwrite: false);
            done++;
        }
        Assert.Equal(count, done);
    }

    private static string? FindArchive()
    {
        if (Environment.GetEnvironmentVariable("PANDA_TEST_DATA") is { Length: > 0 } given)
            return File.Exists(Path.Combine(given, Archive)) ? Path.Combine(given, Archive) : null;
        for (DirectoryInfo? at = new(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            string path = Path.Combine(at.FullName, "shared", "data", Archive);
            if (File.Exists(path)) return path;
        }
        return null;
    }
}
