using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CsCheck;
using PandaNas.Costs;
using PandaNas.Data.Caching;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Tests.Data;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Regressions;

/// <summary>Files and options that were made to break a reader or a loop, each an example of a kind.</summary>
public sealed class CraftedFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly TemporaryFolder _cache = new();

    public void Dispose()
    {
        _folder.Dispose();
        _cache.Dispose();
    }

    private static ImageFinding[] Findings(ImageFolderListing listing) =>
        Array.ConvertAll(listing.Files, _ => new ImageFinding("PNG", 8, 6, ImageFlags.None, ImageFault.None, null, 0, 0));

    private static PicturePlan Plan(int channels, int height, int width) =>
        new(false, new ImageShape(channels, height, width), null, Colour.White);

    private ImageCache CacheOf(ImageFolderListing listing) => new(_cache.Path, listing, Findings(listing), Plan(3, 6, 8));

    // The hash of the header is right: sizes that are negative or overflow pass for what the rest of the file must be.
    [Theory]
    [InlineData(-3, -1, 1)]
    [InlineData(3, -6, -8)]
    [InlineData(3, 65536, 65536)]
    [InlineData(3, int.MinValue, 2)]
    [InlineData(3, 0, 0)]
    [InlineData(1, 6, 8)]
    public void CacheHeader_WithImpossibleSizes_IsNotUsed(int channels, int height, int width)
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        ImageFolderListing listing = ImageFolderListing.Of(_folder.Path, TestContext.Current.CancellationToken);
        ImageCache cache = CacheOf(listing);
        Plant(
            cache.FilePath, ImageCacheHeader.Of(listing, Findings(listing), Plan(channels, height, width), SHA256.HashData([])).ToJson(),
            pixels: 0);
        Assert.Null(cache.TryOpen(TestContext.Current.CancellationToken));
    }

    [Fact]
    public void CacheHeader_LongerThanTheFoldersCanBe_TakesNoMemory()
    {
        Sample.WriteImageFolder(_folder, ["a"]);
        ImageCache cache = CacheOf(ImageFolderListing.Of(_folder.Path, TestContext.Current.CancellationToken));
        Plant(cache.FilePath, new byte[100], pixels: 0, claimed: int.MaxValue);
        using (FileStream file = new(cache.FilePath, FileMode.Open)) file.SetLength(1L << 32);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(cache.TryOpen(TestContext.Current.CancellationToken));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10_000_000);
    }

    [Fact]
    public void CacheThatIsCutShortWhileInUse_IsAnError_NotTheEndOfTheProcess()
    {
        Sample.WriteImageFolder(_folder, ["a", "b"], train: 4, test: 2);
        using ImageData data = Sample.Open($"images:{_folder.Path}", cache: _cache.Path);
        string file = Assert.Single(Directory.GetFiles(_cache.Path, "*-images-*"));
        using (FileStream cut = new(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) cut.SetLength(4096);
        var error = Assert.Throws<BadDataException>(() => data.Train.Pixels(3));
        Assert.Contains(file, error.Message);
        Assert.Contains("cut short", error.Message);
    }

    [Fact]
    public void TensorAbove2GiB_IsRefusedByItsHeader()
    {
        const long Bytes = 3L << 30;
        byte[] json = Encoding.ASCII.GetBytes($$$"""{"a":{"dtype":"U8","shape":[{{{Bytes}}}],"data_offsets":[0,{{{Bytes}}}]}}""");
        using (FileStream file = new(_folder["large"], FileMode.Create))
        {
            byte[] length = new byte[8];
            BinaryPrimitives.WriteInt64LittleEndian(length, json.Length);
            file.Write(length);
            file.Write(json);
            file.SetLength(8 + json.Length + Bytes);
        }
        Assert.Contains("3221225472 bytes, at most", Assert.Throws<BadDataException>(() => SafeTensors.Read(_folder["large"])).Message);
    }

    // A run's own options name places; a line break in one must come back as it was.
    [Fact]
    public void AnyPath_IsWrittenIntoOptionsAndReadBack() =>
        Gen.String[Gen.Char["ab'\"\\ \n\r\t\u001b\u0085\u2028\ufeff:#-{}ä"], 1, 12].Sample(text =>
    {
        // As options hold it: absolute.
        text = $"/x{text}y";
        SupernetOptions options = new() { CacheFolder = text, Data = DataSource.Parse($"idx:{text}").ToString() };
        string path = _folder[$"{Guid.NewGuid():N}.yaml"];
        File.WriteAllText(path, OptionFile.Write(options));
        var read = (SupernetOptions)OptionFile.Read(typeof(SupernetOptions), path);
        File.Delete(path);
        Assert.Equal((options.CacheFolder, options.Data), (read.CacheFolder, read.Data));
    }, iter: 300);

    [Theory]
    [InlineData("""{"best": [], "best": []}""")]
    [InlineData("""{"a": {"b": 1, "b": 2}}""")]
    public void KeyTwice_IsRefusedInJsonOfARun(string text)
    {
        Assert.Throws<System.Text.Json.JsonException>(() => RunJson.ParseObject(text));
        AssertNoBest(text);
    }

    // What is stored is whole or refused.
    [Theory]
    [InlineData("""{"best": [{}]}""")]
    [InlineData("""{"best": [null]}""")]
    [InlineData("""{"best": [{"architecture": "a"}]}""")]
    public void SearchWithoutAnArchitecture_IsRefused(string text)
    {
        AssertNoBest(SealedRecord.Text(RunJson.ParseObject(text)));
    }

    // Found by fuzzing: some ended in an internal error.
    [Theory]
    [InlineData("nonsense")]
    [InlineData("{\"epoch\":1,\"seconds\":2,\"loss\":0.5,\"epoch\":1}")]
    [InlineData("{\"epoch\":1,\"seconds\":\"2\",\"loss\":0.5}")]
    [InlineData("{\"epoch\":1,\"seconds\":null,\"loss\":0.5}")]
    [InlineData("{\"epoch\":1.5,\"seconds\":2,\"loss\":0.5}")]
    [InlineData("{\"epoch\":[1],\"seconds\":2,\"loss\":0.5}")]
    [InlineData("{\"epoch\":1,\"seconds\":1e999,\"loss\":\"\\ud800\"}x")]
    [InlineData("[1]")]
    [InlineData("")]
    public void DamagedLineOfALog_IsRefusedByEveryReader(string line)
    {
        string path = _folder["log.jsonl"];
        File.WriteAllText(path, line + "\n");
        Action[] reads = [() => RunLog.TotalSeconds(path), () => RunLog.RequireEpochs(path, 1), () => RunLog.KeepEpochs(path, 1)];
        Assert.All(reads, read =>
            Assert.Contains($"'{path}'", Assert.Throws<BadDataException>(read).Message, StringComparison.Ordinal));
    }

    // A process that was killed while it wrote leaves half a line.
    [Fact]
    public void HalfALineAtTheEndOfALog_IsDropped()
    {
        string path = _folder["log.jsonl"];
        File.WriteAllText(path, "{\"epoch\":1,\"seconds\":2,\"loss\":0.5}\n{\"epoch\":2,\"seco");
        Assert.Equal(2, RunLog.TotalSeconds(path));
        RunLog.KeepEpochs(path, 1);
        Assert.Equal("{\"epoch\":1,\"seconds\":2,\"loss\":0.5}\n", File.ReadAllText(path));
    }

    [Fact]
    public void Searches_StopBetweenTwoCandidates()
    {
        ISearchAlgorithm[] algorithms =
        [
            new RegularizedEvolution(1_000_000, population: 100, sample: 25),
            new RandomSearch(1_000_000),
            new EvolutionarySearch(1_000_000, 1, mutationProbability: 0.1, crossoverFraction: 0.5, topK: 10),
            new Nsga2Search([SearchObjective.Accuracy, SearchObjective.Params], 5_000, 200, 0.1, 0.9),
        ];
        Assert.All(algorithms, algorithm =>
        {
            using var stop = new CancellationTokenSource();
            int asked = 0;
            // Limits make every candidate ask for its cost.
            var problem = new SearchProblem(new ToySpace([.. Enumerable.Repeat(5, 12)]), batch => [.. batch.Select(_ => 0.5)], _ =>
            {
                if (++asked == 100) stop.Cancel();
                return new Cost(1, 1);
            }, new CostLimits(10, null));
            Assert.Throws<OperationCanceledException>(() => algorithm.Run(problem, RandomStream.Derive(0, "search"), null, stop.Token));
            Assert.InRange(asked, 100, 110);
        });
    }

    private void AssertNoBest(string text)
    {
        File.WriteAllText(_folder["run.json"], "");
        File.WriteAllText(_folder[SearchExperiment.ResultName], text);
        Assert.Contains(
            SearchExperiment.ResultName, Assert.Throws<BadDataException>(() => SearchExperiment.BestOf(_folder.Path)).Message,
            StringComparison.Ordinal);
    }

    private static void Plant(string path, byte[] header, int pixels, int? claimed = null)
    {
        byte[] prefix = new byte[48];
        "PANDAIMG"u8.CopyTo(prefix);
        prefix[8] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(12), claimed ?? header.Length);
        SHA256.HashData(header, prefix.AsSpan(16));
        long start = (48 + header.Length + 4095) / 4096 * 4096;
        using FileStream file = new(path, FileMode.Create);
        file.Write(prefix);
        file.Write(header);
        file.SetLength(start + pixels);
    }
}
