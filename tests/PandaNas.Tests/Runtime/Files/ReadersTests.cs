using System.Net.Sockets;
using System.Runtime.InteropServices;
using PandaNas.Data.Caching;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Exporting;
using PandaNas.Latency;
using PandaNas.OnnxRuntime;
using PandaNas.Runtime.Files;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Data;
using PandaNas.Tests.Experiments.Comparisons;

namespace PandaNas.Tests.Runtime.Files;

/// <summary>
/// Every reader of files is listed here, goes through <see cref="InputFile"/>, and ends whatever stands where its file should.
/// </summary>
public sealed partial class ReadersTests : IDisposable
{
    // Openings that are no reading of input: of the way in itself, of writers, of what the system says about itself.
    private static readonly string[] Others =
    [
        "InputFile.OpenWithoutWaiting: System.IO.File::OpenHandle",
        "AtomicFile.Write: System.IO.FileStream::.ctor",
        "AtomicFile.Change: System.IO.FileStream::.ctor",
        "ScoreFile.Add: System.IO.File::AppendAllText",
        "FolderLock.Open: System.IO.FileStream::.ctor",
        // Nothing is read: opening it tells whether another process holds it.
        "FolderLock.IsLocked: System.IO.FileStream::.ctor",
        "FileClaims.IsLocked: System.IO.FileStream::.ctor",
        // New files.
        "FileClaims.DoLocksWork: System.IO.FileStream::.ctor",
        "FileClaims.Create: System.IO.FileStream::.ctor",
        "Machine.ReadProcessorName: System.IO.File::ReadLines",
        // Accounts of the kernel: they have no size and change while they are read.
        "FileClaims.ReadKernel: System.IO.File::ReadLines",
        "ProcessorLoad.Allowed: System.IO.File::ReadLines",
        "ProcessorLoad.BusySeconds: System.IO.File::ReadLines",
    ];

    // Each reads the file of that path, or one in the folder of that path. Caches say nothing of a file that they cannot use.
    private static readonly Dictionary<string, (bool IsCache, Func<string, string> Place, Action<string> Read)> Readers = new()
    {
        ["ScoreFile"] = (false, path => Path.Combine(path, "scores", "a.csv"), ReadScores),
        ["ArchitectureSelection"] = (false, path => path, path => ArchitectureSelection.ReadFile(NasBench201Space.Instance, path)),
        ["CheckCache"] = (
            true, path => CacheFile.PathOf(path, "checked", Listing(path).Folder, ".json"),
            path => Assert.All(new CheckCache(path, Listing(path)).Read(), Assert.Null)),
        ["Checkpoints"] =
            (false, path => Path.Combine(path, "tensors.safetensors"), path => Checkpoints.Hash(Path.Combine(path, "tensors.safetensors"))),
        ["CifarReader"] =
            (false, path => Path.Combine(path, "data_batch_3.bin"), path => CifarReader.Read(CifarLayout.Cifar10, Cifar(path), default)),
        ["FileClaims"] = (
            true, path => Path.Combine(path, "work.1.claim"),
            path => Assert.Null(new FileClaims(path, TimeProvider.System).TryTake("work"))),
        ["EventFile"] = (false, path => path, path => new EventFile(path).Read()),
        ["IdxReader"] = (false, path => Path.Combine(path, "t10k-images-idx3-ubyte"), path => IdxReader.Read(Idx(path), null, default)),
        ["ImageCache"] = (true, path => Cache(path).FilePath, path => Assert.Null(Cache(path).TryOpen(default))),
        ["ImageDecoder"] = (false, path => path, path => new ImageDecoder().Decode(path, new ImageShape(3, 1, 1), 8, Colour.White)),
        ["LatencyTableFile"] = (false, path => path, path => LatencyTableFile.Read(path)),
        ["OnnxClassifier"] = (false, path => path, path => OnnxClassifier.Load(path)),
        ["OptionFile"] = (false, path => path, path => OptionFile.Read(typeof(SupernetOptions), path)),
        ["RankedRun"] = (
            false, path => Path.Combine(path, "predictions.csv"),
            path => RankedRun.Read("spos", 0, Report(path), Path.Combine(path, "predictions.csv"), ["a"])),
        ["RankingSelection"] = (
            false, path => path,
            path => RankingSelection.Choose(new RankOptions { Truth = path }, NasBench201Space.Instance, "cifar10")),
        ["RunJson"] = (false, path => path, path => RunJson.ReadObject(path, "Restore it.")),
        ["RunLog"] = (false, path => path, path => RunLog.Values(path, "epoch")),
        ["SafeTensors"] = (false, path => path, path => SafeTensors.Read(path)),
        ["ScoredArchitecture"] = (false, path => path, path => ScoredArchitecture.ReadCsv(path)),
        ["SpaceFile"] = (false, path => path, path => SpaceFile.Read(path)),
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Cases()
    {
        var cases = new TheoryData<string, string>();
        foreach (string reader in Readers.Keys)
            foreach (string bad in (string[])["pipe", "device", "socket", "folder", "huge", "no text"])
                // A checkpoint's hash is that of any content, and events end where they cannot be read.
                if ((reader, bad) is not ("Checkpoints" or "EventFile", "no text")) cases.Add(reader, bad);
        return cases;
    }

    private static readonly string[] Assemblies = [typeof(Network).Assembly.Location, typeof(OnnxClassifier).Assembly.Location];

    [Fact]
    public void OnlyInputFile_OpensFiles() => Assert.Equal(Others.Order(), Assemblies.SelectMany(FileOpenings.In).Order());

    [Fact]
    public void EveryReader_IsListedHere() => Assert.Equal(
        Readers.Keys.Order(),
        Assemblies
            .SelectMany(assembly => FileOpenings.CallersOf(
                assembly, typeof(InputFile).FullName!, "OpenHandle", "Open", "OpenText", "ReadBytes", "ReadText", "ReadLines"))
            .Where(type => type != nameof(InputFile)).Order());

    // Were the search blind, both lists would hold.
    [Fact]
    public void Search_FindsOpeningsThatAreThere()
    {
        IEnumerable<string> found = FileOpenings.In(typeof(ReadersTests).Assembly.Location);
        Assert.Contains("ReadersTests.PlantHuge: System.IO.FileStream::.ctor", found);
        Assert.Contains("ReadersTests.Report: System.IO.File::AppendAllText", found);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task WhateverStandsThere_IsRefusedAtOnce(string reader, string bad)
    {
        (bool isCache, Func<string, string> place, Action<string> read) = Readers[reader];
        string given = _folder["given"];
        if (place("x") != "x") Directory.CreateDirectory(given);
        string file = place(given);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        Plant(bad, file);
        // A pipe without a writer would be waited for forever, a device would fill the memory.
        Exception? error = await Task.Run(() => Record.Exception(() => read(given)), TestContext.Current.CancellationToken)
            .WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        if (isCache)
        {
            Assert.Null(error);
            return;
        }
        Assert.Contains($"'{file}'", Assert.IsType<BadDataException>(error).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private static void Plant(string bad, string file)
    {
        File.Delete(file);
        switch (bad)
        {
            case "pipe":
                Assert.Equal(0, MakePipe(file, 0x1ff));
                break;
            case "device":
                File.CreateSymbolicLink(file, "/dev/zero");
                break;
            case "folder":
                Directory.CreateDirectory(file);
                break;
            case "huge":
                PlantHuge(file);
                break;
            case "socket":
                using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                {
                    // The name of a socket is short; the file stays when the socket is closed.
                    string near = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"));
                    socket.Bind(new UnixDomainSocketEndPoint(near));
                    File.Move(near, file);
                }
                break;
            default:
                File.WriteAllBytes(file, [.. "space: "u8, 0xff, 0xfe, 0x80, (byte)'\n']);
                break;
        }
    }

    // No blocks are taken for zeros that nobody wrote.
    private static void PlantHuge(string file)
    {
        using var stream = new FileStream(file, FileMode.Create);
        stream.SetLength(1L << 40);
    }

    private static void ReadScores(string folder)
    {
        File.WriteAllText(Path.Combine(folder, "run.json"), "");
        using RunDirectory run = RunDirectory.Open(folder);
        _ = new ScoreFile(NasBench201Space.Instance, run, "a.csv", "accuracy", _ => true);
    }

    private static string Report(string folder)
    {
        string report = Path.Combine(folder, "report.json");
        File.AppendAllText(report, RankedRunTests.Report(""));
        return report;
    }

    private static string Idx(string folder)
    {
        foreach (string part in (string[])["train", "t10k"])
        {
            WriteUnlessThere(Path.Combine(folder, $"{part}-images-idx3-ubyte"), Sample.Idx([2, 1, 1], [0, 0]));
            WriteUnlessThere(Path.Combine(folder, $"{part}-labels-idx1-ubyte"), Sample.Idx([2], [0, 1]));
        }
        return folder;
    }

    private static string Cifar(string folder)
    {
        foreach (string file in (string[])[.. CifarLayout.Cifar10.TrainFiles, CifarLayout.Cifar10.TestFile])
            WriteUnlessThere(Path.Combine(folder, file), new byte[3073]);
        WriteUnlessThere(
            Path.Combine(folder, CifarLayout.Cifar10.NamesFile),
            System.Text.Encoding.UTF8.GetBytes(string.Join('\n', Sample.Cifar10Names)));
        return folder;
    }

    private static ImageCache Cache(string folder)
    {
        ImageFolderListing listing = Listing(folder);
        ImageFinding[] findings = Array.ConvertAll(
            listing.Files, _ => new ImageFinding("PNG", 1, 1, ImageFlags.None, ImageFault.None, null, 0, 0));
        return new ImageCache(folder, listing, findings, new PicturePlan(false, new ImageShape(3, 1, 1), null, Colour.White));
    }

    private static ImageFolderListing Listing(string folder)
    {
        foreach (string part in (string[])["train", "test"])
        {
            Directory.CreateDirectory(Path.Combine(folder, part, "a"));
            WriteUnlessThere(Path.Combine(folder, part, "a", "1.png"), [1]);
        }
        return ImageFolderListing.Of(folder, default);
    }

    private static void WriteUnlessThere(string path, byte[] bytes)
    {
        if (!Path.Exists(path)) File.WriteAllBytes(path, bytes);
    }

    [LibraryImport("libc", EntryPoint = "mkfifo", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int MakePipe(string path, uint mode);
}
