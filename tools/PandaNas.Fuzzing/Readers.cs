using System.Buffers.Binary;
using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data.Caching;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Models;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Experiments.Stages;
using PandaNas.Exporting;
using PandaNas.Latency;
using PandaNas.Ranking;
using PandaNas.Runtime.Files;
using PandaNas.Spaces;
using PandaNas.Statistics;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.NasBench201;
using PandaNas.Supernets.ProxylessNas;
using TorchSharp;

namespace PandaNas.Fuzzing;

/// <summary>One reader under test.</summary>
/// <param name="Read">Reads an input.</param>
/// <param name="Seeds">Good inputs.</param>
/// <param name="Words">What means something to it.</param>
/// <param name="IsRefusal">Whether an exception is the reader's way to refuse.</param>
internal sealed record Reader(Action<byte[]> Read, byte[][] Seeds, string[] Words, Func<Exception, bool> IsRefusal);

/// <summary>All readers, each with files of its own in a folder in memory.</summary>
internal sealed class Readers : IDisposable
{
    private const string Cell = "|nor_conv_3x3~0|+|nor_conv_3x3~0|none~1|+|skip_connect~0|none~1|nor_conv_3x3~2|";

    private const string OtherCell = "|none~0|+|nor_conv_1x1~0|avg_pool_3x3~1|+|skip_connect~0|none~1|skip_connect~2|";

    // Where anything goes, so that some of the changed inputs are still good.
    private static readonly string FreeText = string.Concat(Enumerable.Repeat("anything at all; ", 40));

    private static readonly string Genotype = DartsSpace.Instance.Format(DartsSpace.Instance.At(12345));

    private static readonly string InMemory = Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath();

    private readonly string _folder =
        Directory.CreateDirectory(Path.Combine(InMemory, $"pandanas-fuzz-{Environment.ProcessId}")).FullName;

    private readonly RunDirectory _run;

    public Readers()
    {
        _run = RunDirectory.Create(Path.Combine(_folder, "run"), resume: false);
        Directory.CreateDirectory(_run.File("scores"));
        string images = Path.Combine(_folder, "images");
        foreach (string part in (string[])["train/a", "train/b", "test/a", "test/b"])
        {
            Directory.CreateDirectory(Path.Combine(images, part));
            File.WriteAllBytes(Path.Combine(images, part, "1.png"), [1]);
        }
        ImageFolderListing listing = ImageFolderListing.Of(images, default);
        All = new Dictionary<string, Reader>
        {
            ["safetensors"] = ByFile(
                "s", ReadTensors, [Tensors()],
                "dtype", "shape", "data_offsets", "F32", "I64", "__metadata__", "values_sha256"),
            ["idx"] = ByBytes(ReadIdx, [Idx(2, 3, 3), Idx(5)]),
            ["cifar"] = ByBytes(
                ReadCifar, [[0, .. "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n"u8], [1, .. new byte[3073]], [2, .. new byte[2 * 3074]]]),
            ["listing"] = ByBytes(
                ReadListing, [[0, 0, 1, 0, 1, 1, 0, 1, 2], "\0\u0001\u0002\u0003\u0004\u0005\u0006\u0007\u0008\u0009"u8.ToArray()]),
            ["options"] = ByFile(
                "o.yaml", path => OptionFile.Read(typeof(SupernetOptions), path),
                [Bytes(OptionFile.Write(new SupernetOptions()))],
                [.. OptionDescription.AllOf(typeof(SupernetOptions)).Select(option => $"{option.Key}: ")]),
            ["space"] = ByFile(
                "p.yaml", path => SpaceFile.Read(path), [Bytes(Space)],
                "operations:", "cells:", "body:", "stem:", "head:", "candidates:", "nodes: 3", "edges:", "repeat:", "type: convolution",
                "kernel: 3"),
            ["json"] = ByFile(
                "r.json", ReadJson,
                [
                    Bytes(Summary), Bytes(Ranked), Bytes("""{"methods":[{"method":"spos","epochs":3,"passes_per_step":1}]}"""),
                    Bytes(Classified),
                ],
                "\"best\":", "\"front\":", "\"seed\":", "\"methods\":", "\"at_k\":", "\"passes\":", "\"controls\":",
                "\"labels\":", "\"predicted\":"),
            ["facts"] = ByBytes(
                input => ModelFacts.Parse(Encoding.UTF8.GetString(input), 2), [Bytes(Facts)],
                "\"version\":", "\"classes\":", "\"fit\":", "\"mean\":", "\"preprocessing\":", "\"inside\"", "null"),
            ["latency"] = ByFile(
                "l.json", path => LatencyTableFile.Read(path), [Bytes(Latency())],
                "\"layers\":", "\"conditions\":", "\"held_out\":", "\"factors\":", "\"ms\":"),
            ["architectures"] = ByFile(
                "a.txt", path => ArchitectureSelection.ReadFile(NasBench201Space.Instance, path),
                [Bytes($"# {FreeText}\n{Cell}\n\n{OtherCell}\n")],
                Cell, "#", "\r\n", "|+|", "none~1"),
            ["truth"] = ByFile(
                "t.csv", ReadTruth,
                [
                    Bytes($"architecture,cifar10\n{Cell},90.5\n"),
                    Bytes($"Notes,\"CIFAR10\",Architecture\n{FreeText},90.5,\"{Cell}\"\n\n\"{FreeText}\",1e-3,{OtherCell}\n"),
                ],
                "architecture", "cifar10", Cell, "\"\"", "\r\n", "90.5"),
            ["notations"] = new Reader(
                ReadNotations, [Bytes(Cell), Bytes(Genotype), Bytes("k3e6-k5e3-skip")],
                ["nor_conv_3x3~0", "|+|", "Genotype(", "normal=[", "range(2, 6)", "('sep_conv_3x3', 0)", "k3e6-", "skip"],
                error => error is ArchitectureFormatException or BadOptionException),
            ["cache"] = ByBytes(
                input => ReadCache(input, listing), [Header(listing), [1, .. Whole(Header(listing)[1..])]],
                "\"Channels\":", "\"Height\":", "\"Width\":", "\"Paths\":", "\"Prepared\":", "null"),
            ["checked"] = ByBytes(
                input => ReadChecked(input, listing), [Checked(listing)],
                "\"Files\":", "\"Path\":", "\"Digest\":", "\"Pixels\":", "\"Inode\":", "\"Flags\":", "null"),
            ["log"] = ByFile(
                "log.jsonl", ReadLog, [Bytes("{\"epoch\":1,\"seconds\":2,\"loss\":0.5}\n")],
                "\"epoch\":", "\"seconds\":"),
            ["scores"] = ByFile(
                "run/scores/scores.csv", path => _ = new ArchitectureScores(NasBench201Space.Instance, null!, _run, Path.GetFileName(path)),
                [Bytes($"{Cell},0.5\n")],
                Cell),
        };
    }

    public Dictionary<string, Reader> All { get; }

    /// <summary>A space as a file defines it.</summary>
    public static string Space => """
        # A space in YAML: two stages of residual layers with a searched cell between. docs/spaces.md explains every key.
        name: small_residual
        summary: residual layers of convolutions or nothing, and a cell of three nodes between

        operations:
          conv_3x3: {type: convolution, kernel: 3}
          sep_5x5: {type: separable-convolution, kernel: 5}
          mobile_3x3: {type: inverted-convolution, kernel: 3, expansion: 3}
          pool: {type: average-pool}
          skip: {type: skip}
          none: {type: none}
          reduce: {type: residual-block}

        cells:
          middle: {nodes: 3, candidates: [none, skip, conv_3x3, pool]}

        stem: {channels: 8}
        body:
          - candidates: [conv_3x3, sep_5x5, mobile_3x3, skip]
            count: 2
            residual: true
          - fixed: reduce
            channels: 16
            stride: 2
          - cell: middle
            count: 2
          - candidates: [conv_3x3, sep_5x5, mobile_3x3, skip]
            channels: 24
            stride: 2
            count: 2
            residual: true
        head: {channels: 32}
        """;

    private const string Predictions = "architecture,accuracy\na,0.5\n";

    // A run of a comparison.
    private static string Ranked => $$$"""
        {"architectures": 1, "kendall_tau": 0.5, "kendall_tau_ci95": [0.4, 0.6], "spearman": null, "spearman_ci95": null,
         "precision_at_top5": 1, "precision_at_top5_ci95": null,
         "at_k": [{"k": 1, "best": 1, "worst": 1, "precision": 1, "kendall_tau": null, "regret": 0}], "regret_top1": 0, "regret_top10": 0,
         "kendall_tau_accurate": {"architectures": 0, "kendall_tau": null}, "kendall_tau_unique": {"architectures": 1, "kendall_tau": null},
         "controls": {"params": {"kendall_tau": 0.5, "spearman": 0.5, "precision_at_top5": 1}}, "unique": false, "min_truth": null,
         "evaluated": 1, "images": 4, "ranking_part": "validation", "protocol": "split", "method": "spos", "precision": "float32",
         "data_set": "cifar10", "truth_column": "cifar10", "seed": 0, "seconds": 1, "run": "r", "training_seconds": 2, "passes": 3,
         "validation_accuracy": 0.5, "predictions_sha256": "{{{RankedRun.Hash(Predictions)}}}"}
        """;

    private static string Summary => JsonSerializer.Serialize(
        new SearchResult(
            [new ScoredArchitecture(Cell, 0.5, 1, 2) { LatencyMs = 3 }], new SearchCertainty(new Interval(0.4, 0.6), 1, 1, 1), [], 1,
            "evolution", "no limit", null, 0, 10, "validation", null, null),
        RunJson.Options);

    public void Dispose()
    {
        _run.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private Reader ByFile(string name, Action<string> read, byte[][] seeds, params string[] words)
    {
        string path = Path.Combine(_folder, name);
        return ByBytes(input =>
        {
            File.WriteAllBytes(path, input);
            read(path);
        }, seeds, words);
    }

    private static void ReadTensors(string path)
    {
        foreach (torch.Tensor tensor in SafeTensors.Read(path).Values) tensor.Dispose();
    }

    private static void ReadLog(string path)
    {
        _ = RunLog.Has(path, 1, "loss");
        _ = RunLog.TotalSeconds(path);
        RunLog.RequireEpochs(path, 1);
        RunLog.KeepEpochs(path, 1);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static Reader ByBytes(Action<byte[]> read, byte[][] seeds, params string[] words) =>
        new(read, seeds, words, error => error is PandaNasException);

    private static byte[] Tensors()
    {
        using var stream = new MemoryStream();
        using torch.Tensor one = torch.ones(2, 3), two = torch.zeros(4, dtype: torch.ScalarType.Int64);
        SafeTensors.Write(stream, [KeyValuePair.Create("one", one), KeyValuePair.Create("two", two)]);
        return stream.ToArray();
    }

    private static byte[] Idx(params int[] sizes)
    {
        byte[] file = new byte[4 + 4 * sizes.Length + sizes.Aggregate(1, (product, size) => product * size)];
        (file[2], file[3]) = (8, (byte)sizes.Length);
        for (int i = 0; i < sizes.Length; i++) BinaryPrimitives.WriteInt32BigEndian(file.AsSpan(4 + 4 * i), sizes[i]);
        return file;
    }

    // As it is, and as what a good gzip file holds.
    private static void ReadIdx(byte[] input)
    {
        int dimensions = input.Length > 3 && input[3] == 1 ? 1 : 3;
        BadDataException? refusal = null;
        byte[] zipped;
        using (var stream = new MemoryStream())
        {
            using (var gzip = new GZipStream(stream, CompressionLevel.Fastest)) gzip.Write(input);
            zipped = stream.ToArray();
        }
        foreach (byte[] file in (byte[][])[input, zipped])
        {
            try
            {
                new IdxFile("fuzzed", () => new MemoryStream(file)).Read(dimensions);
            }
            catch (BadDataException error)
            {
                refusal = error;
            }
        }
        if (refusal is not null) throw refusal;
    }

    private void ReadCifar(byte[] input)
    {
        string folder = Directory.CreateDirectory(Path.Combine(_folder, "cifar")).FullName;
        CifarLayout layout = input is [2, ..] ? CifarLayout.Cifar100 : CifarLayout.Cifar10;
        byte[] records = new byte[layout.RecordBytes];
        foreach (string file in layout.TrainFiles)
            File.WriteAllBytes(
                Path.Combine(folder, file), [.. Enumerable.Repeat(records, layout.TrainToTest).SelectMany(record => record)]);
        File.WriteAllBytes(Path.Combine(folder, layout.TestFile), records);
        File.WriteAllText(Path.Combine(folder, layout.NamesFile), string.Join('\n', Enumerable.Range(0, layout.Classes)));
        string target = input is [0, ..] ? layout.NamesFile : layout.TestFile;
        File.WriteAllBytes(Path.Combine(folder, target), input.Length > 0 ? input[1..] : input);
        CifarReader.Read(layout, folder, default);
    }

    // Each two bytes make something: a class folder, a file, a link, a hidden or oddly named one.
    private void ReadListing(byte[] input)
    {
        string folder = Path.Combine(_folder, "listing");
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        Directory.CreateDirectory(folder);
        string[] names =
        [
            "train", "test", "val", "a", "b", "A", ".hidden", "x\ny", "e\u001b[2J", "ä", "1.png", "2.jpg", "..", "con", "\u202e",
            new string('n', 200),
        ];
        for (int i = 0; i + 1 < input.Length && i < 64; i += 2)
        {
            string part = Path.Combine(folder, names[input[i + 1] % 3], names[(input[i + 1] >> 2) % names.Length]);
            string file = Path.Combine(part, names[(input[i] >> 3) % names.Length]);
            try
            {
                switch (input[i] % 6)
                {
                    case 0 or 1: Directory.CreateDirectory(part); break;
                    case 2 or 3: Directory.CreateDirectory(part); File.WriteAllBytes(file, [1]); break;
                    case 4: Directory.CreateDirectory(Path.GetDirectoryName(part)!); File.CreateSymbolicLink(part, folder); break;
                    default:
                        Directory.CreateDirectory(part);
                        File.CreateSymbolicLink(file, input[i + 1] % 2 == 0 ? file : "/dev/zero");
                        break;
                }
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // There is something of that name already.
            }
        }
        ImageFolderListing.Of(folder, default);
    }

    // Each as one of the files that hold JSON.
    private const string Classified =
        """{"classes":["a","b"],"paths":[],"labels":[0,1],"predicted":[1,1],"probability":[0.5,1],"probability_of_label":[0.5,1],"""
        + """ "mistakes":[{"image":0,"png":"aGk="}]}""";

    private const string Facts =
        """{"version":1,"program":"p","classes":["a","b"],"image_size":8,"channels":1,"mean":[0.5],"deviation":[0.2],"fit":"crop","""
        + """ "background":"#ffffff","preprocessing":"inside","space":"s","space_definition":null,"architecture":"x","""
        + """ "weights":"retrained","test_accuracy":0.5}""";

    private static void ReadJson(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        File.WriteAllText(Path.Combine(folder, "run.json"), "");
        // What is behind the seal is to be reached.
        if (Parsed(path) is { } record) File.WriteAllText(path, SealedRecord.Text(record));
        File.Copy(path, Path.Combine(folder, SearchExperiment.ResultName), overwrite: true);
        File.WriteAllText(Path.Combine(folder, "predictions.csv"), Predictions);
        foreach (string copy in (string[])[ModelCard.FileName, TestPredictions.FileName])
            File.Copy(path, Path.Combine(folder, copy), overwrite: true);
        int refused = 0;
        BadDataException? last = null;
        foreach (Action read in (Action[])[
            () => SearchExperiment.BestOf(folder), () => ComparisonPlan.Read(path),
            () => RankedRun.Read("spos", 0, path, Path.Combine(folder, "predictions.csv"), ["a"]),
            () => SealedRecord.ReadResult<RetrainingResult>(path), () => ModelCard.Read(folder), () => TestPredictions.Read(folder)])
        {
            try
            {
                read();
            }
            catch (BadDataException error)
            {
                (last, refused) = (error, refused + 1);
            }
        }
        if (refused == 4) throw last!;
    }

    private static JsonObject? Parsed(string path)
    {
        try
        {
            JsonObject record = RunJson.ReadObject(path, "");
            SealedRecord.Text(record);
            return record;
        }
        // Such as texts with half a character: found when they are written.
        catch (Exception error) when (error is BadDataException or JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static void ReadTruth(string path)
    {
        using TextReader text = InputFile.OpenText(path, new FileKind("a truth", 1 << 20) { MayBeEmpty = true });
        TruthTable.Read(text, path, NasBench201Space.Instance, "cifar10");
    }

    private static void ReadNotations(byte[] input)
    {
        string text = Encoding.UTF8.GetString(input);
        ArchitectureFormatException? refusal = null;
        foreach (SearchSpace space in (SearchSpace[])[NasBench201Space.Instance, DartsSpace.Instance, ProxylessNasSpace.Instance])
        {
            try
            {
                Architecture read = space.Parse(text);
                if (!space.Parse(space.Format(read)).Equals(read)) throw new InvalidDataException("it is written as something else");
                return;
            }
            catch (ArchitectureFormatException error)
            {
                refusal = error;
            }
        }
        throw refusal!;
    }

    private static readonly PicturePlan Plan = new(false, new ImageShape(3, 1, 1), null, Colour.White);

    private static ImageFinding[] Findings(ImageFolderListing listing) =>
        Array.ConvertAll(
            listing.Files, _ => new ImageFinding("PNG", Plan.Shape.Width, Plan.Shape.Height, ImageFlags.None, ImageFault.None, null, 0, 0));

    private static byte[] Header(ImageFolderListing listing) =>
        [0, .. ImageCacheHeader.Of(listing, Findings(listing), Plan, SHA256.HashData(Pixels(listing))).ToJson()];

    private static byte[] Pixels(ImageFolderListing listing) => new byte[listing.Files.Length * Plan.Shape.Bytes];

    private static byte[] Whole(byte[] header)
    {
        byte[] prefix = new byte[48];
        "PANDAIMG"u8.CopyTo(prefix);
        prefix[8] = 2;
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(12), header.Length);
        SHA256.HashData(header, prefix.AsSpan(16));
        int start = (48 + header.Length + 4095) / 4096 * 4096;
        return [.. prefix, .. header, .. new byte[start - 48 - header.Length + 12]];
    }

    // A header with the right hash, or the bytes as they are.
    private void ReadCache(byte[] input, ImageFolderListing listing)
    {
        var cache = new ImageCache(_folder, listing, Findings(listing), Plan);
        byte[] rest = input.Length > 0 ? input[1..] : input;
        File.WriteAllBytes(cache.FilePath, input is [1, ..] ? rest : Whole(rest));
        if (cache.TryOpen(default) is not { } content) throw new BadDataException("refused");
        content.Pixels.Hold();
        _ = content.Pixels.Slice(0, content.Shape.Bytes);
        content.Pixels.Release();
    }

    private string CheckedPath(ImageFolderListing listing) => CacheFile.PathOf(_folder, "checked", listing.Folder, ".json");

    private byte[] Checked(ImageFolderListing listing)
    {
        var cache = new CheckCache(_folder, listing);
        // It learns which files there are.
        cache.Read();
        cache.Write(Findings(listing));
        return File.ReadAllBytes(CheckedPath(listing));
    }

    // What it cannot use it passes over without an error, so that nothing known counts as refused.
    private void ReadChecked(byte[] input, ImageFolderListing listing)
    {
        File.WriteAllBytes(CheckedPath(listing), input);
        ImageFinding?[] known = new CheckCache(_folder, listing).Read();
        if (known.All(finding => finding is null)) throw new BadDataException("nothing is known");
    }

    private static string Latency()
    {
        var facts = LatencyConditions.Names.Select(name => KeyValuePair.Create(name, "x"));
        var factors = ImmutableSortedDictionary<string, double>.Empty.Add("linear", 1);
        var table = new LatencyTable(
            new LatencyConditions([.. facts]), new LatencyProtocol(), 0.5, factors, [new LayerLatency("linear 1", 1, 1)],
            [new HeldOutLatency("a", 1, 1)]);
        return LatencyTableFile.Write(table);
    }
}
