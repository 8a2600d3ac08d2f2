using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data.Folders;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.SpaceFiles;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// The folder of one run: resolved options, version, log, checkpoints, results. While it is open no other process can write into
/// it; the operating system releases the lock even when the process is killed.
/// </summary>
internal sealed class RunDirectory : IDisposable
{
    private const string OptionsName = "options.yaml";
    private const string FactsName = "run.json";
    private const string OptionsFact = "options";
    private const string KindFact = "kind";
    private const string Remedy = "Restore the file, or start a new run.";

    // What runs leave in their folders, beside the lock and temporary files.
    private static readonly string[] Parts =
    [
        FactsName, OptionsName, StoredSpace.FileName, FolderSplit.FileName, "log.jsonl", MetricsFile.Name, "checkpoints",
        "weights.safetensors", "train.json", "retrain.json", "model.json", "test-predictions.json", "drawn-images.json", "scores",
        "label-checkpoints", "evaluation-precision.json",
        "search.json", "ranking.json", "ranking.csv", "variance.json", "plan.json", "pilots", "rankings", "claims",
        "auto.json", "epochs.json", "time.json", "latency.json",
        "comparison.json", "comparison.csv", "comparison.md", "comparison.txt", "report.html",
    ];

    // What a process may leave that was killed before its run began, and what people put together from several comparisons.
    private static readonly string[] FirstParts = [OptionsName, StoredSpace.FileName, FolderSplit.FileName, "rankings", "claims"];

    private readonly FolderLock? _lock;

    private RunDirectory(string path, FolderLock? heldLock, bool shared = false)
    {
        // Results name it, and must not depend on where somebody stood.
        Path = System.IO.Path.GetFullPath(path);
        _lock = heldLock;
        IsShared = shared;
    }

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>Whether the run has begun: it is described by then.</summary>
    public bool HasBegun => Exists(Path);

    /// <summary>The log: one JSON document a line.</summary>
    public string LogPath => LogPathOf(Path);

    /// <summary>The folder of the checkpoints.</summary>
    public string CheckpointFolder => File("checkpoints");

    /// <summary>The trained weights, once training is done.</summary>
    public string WeightsPath => File("weights.safetensors");

    /// <summary>Whether it was opened to read only.</summary>
    public bool IsReadOnly => _lock is null;

    /// <summary>Whether other processes may write into it at the same time.</summary>
    public bool IsShared { get; }

    /// <summary>The resolved options.</summary>
    public string OptionsPath => File(OptionsName);

    /// <summary>Makes the folder of a new run and locks it. Nothing is written where there is a part of another run.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="resume">Whether a run that was killed before it began may be started anew.</param>
    /// <param name="shared">Whether other processes may open it shared.</param>
    /// <exception cref="BadOptionException">There is a run already, or a part of one.</exception>
    /// <exception cref="BadDataException">There is a damaged run that shall be resumed.</exception>
    /// <exception cref="RunFailedException">The folder cannot be made, or another process is writing into it.</exception>
    public static RunDirectory Create(string path, bool resume, bool shared = false)
    {
        RequireNone(path, resume);
        AtomicFile.CreateFolder(path);
        var run = new RunDirectory(path, FolderLock.Take(path, shared), shared);
        try
        {
            // Another process may have been faster.
            RequireNone(path, resume);
            return run;
        }
        catch
        {
            run.Dispose();
            throw;
        }
    }

    /// <summary>Opens and locks the folder of a run that exists.</summary>
    /// <param name="path">The folder.</param>
    /// <param name="shared">Whether other processes may open it shared.</param>
    /// <exception cref="BadDataException">There is no run.</exception>
    /// <exception cref="RunFailedException">Another process is writing into it.</exception>
    public static RunDirectory Open(string path, bool shared = false)
    {
        RequireRun(path);
        return new RunDirectory(path, FolderLock.Take(path, shared), shared);
    }

    /// <summary>Opens the folder of a run that another rank holds, to read only.</summary>
    /// <exception cref="BadDataException">There is no run.</exception>
    public static RunDirectory OpenToRead(string path)
    {
        RequireRun(path);
        return new RunDirectory(path, null);
    }

    /// <summary>The log of the run in a folder.</summary>
    public static string LogPathOf(string path) => System.IO.Path.Combine(path, "log.jsonl");

    /// <summary>The file that says what the run in a folder is.</summary>
    public static string FactsPathOf(string path) => System.IO.Path.Combine(path, FactsName);

    /// <summary>Whether the folder holds a run.</summary>
    public static bool Exists(string path) => System.IO.File.Exists(FactsPathOf(path));

    /// <summary>Throws unless the folder holds a run.</summary>
    /// <exception cref="BadOptionException">The path is empty.</exception>
    /// <exception cref="BadDataException">There is none.</exception>
    public static void RequireRun(string path)
    {
        if (string.IsNullOrWhiteSpace(path)) throw new BadOptionException($"'{path}' names no folder: name that of a run");
        if (!Exists(path))
            throw new BadDataException(
                $"'{path}' is not the folder of a run: it has no {FactsName}. Name the folder of a finished or interrupted one");
    }

    /// <summary>Throws if a folder in which a run shall begin holds a run or a part of one.</summary>
    /// <param name="path">The folder; it may be missing.</param>
    /// <param name="resume">Whether a run that was killed before it began may be started anew.</param>
    /// <exception cref="BadOptionException">It does, and a new run was asked for.</exception>
    /// <exception cref="BadDataException">It does, and is too damaged to be resumed.</exception>
    public static void RequireNone(string path, bool resume)
    {
        string[] found = [.. Parts.Where(part => System.IO.Path.Exists(System.IO.Path.Combine(path, part)))];
        if (found.Length == 0 || (resume && found.All(FirstParts.Contains))) return;
        if (!resume)
            throw new BadOptionException(Exists(path)
                ? $"'{path}' holds a run already: continue it with {Mention.Option("resume", "resume")}, "
                    + $"or choose another place with {Mention.Option("out", "the folder")}"
                : $"'{path}' holds a part of a run ('{found[^1]}'): choose another place with {Mention.Option("out", "the folder")}");
        throw new BadDataException(found.Contains(FactsName)
            ? $"another process has just begun a run in '{path}': run the same again to continue it"
            : $"'{path}' holds parts of a run ('{found[^1]}') but no {FactsName}: restore it, "
                + $"or choose another place with {Mention.Option("out", "the folder")}");
    }

    /// <summary>The options with which the run in a folder was started; its space is the one that the run keeps.</summary>
    /// <exception cref="BadDataException">There is no run, or it is damaged or changed.</exception>
    /// <param name="path">The run's folder.</param>
    /// <param name="catalog">What its options can name, beside the space that it keeps.</param>
    public static TrainingRunOptions ReadOptions(string path, Catalog catalog)
    {
        RequireRun(path);
        JsonObject facts = ReadFacts(path);
        TrainingRunOptions options = Fact<string>(path, facts, KindFact) == RunKind.Standalone
            ? new RetrainOptions()
            : new SupernetOptions();
        options = options with { Catalog = StoredSpace.Read(path, facts) is { } own ? catalog.Keeping(own) : catalog };
        var stored = new StoredOptions(facts[OptionsFact], options.GetType(), FactsPathOf(path));
        stored.RequireSame(System.IO.Path.Combine(path, OptionsName));
        return stored.Apply(options) with { Catalog = catalog, Split = ReadSplit(System.IO.Path.Combine(path, FolderSplit.FileName)) };
    }

    /// <summary>The same for a kind of run.</summary>
    /// <exception cref="BadDataException">There is no run, or it is of another kind, damaged or changed.</exception>
    public static T ReadOptions<T>(string path, Catalog catalog)
        where T : TrainingRunOptions => ReadOptions(path, catalog) as T
        ?? throw new BadDataException(WrongKind(
            path,
            Fact<string>(path, ReadFacts(path), KindFact),
            typeof(T) == typeof(RetrainOptions) ? RunKind.Standalone : RunKind.Supernet));

    /// <summary>
    /// The files and folders that are in a run's folder and are of it, but for <c>run.json</c>, the lock and its runs below.
    /// </summary>
    public static IEnumerable<string> PartsOf(string path) =>
        Parts.Where(part => part != FactsName).Select(part => System.IO.Path.Combine(path, part)).Where(System.IO.Path.Exists);

    /// <summary>The path of a file of the run.</summary>
    public string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Throws unless the folder is still the one that was locked; to be called before every write.</summary>
    /// <exception cref="RunFailedException">It was moved or replaced, or its lock removed.</exception>
    public void RequireHeld()
    {
        if (_lock is null) throw new InvalidOperationException($"'{Path}' was opened to read only");
        _lock.RequireHeld();
    }

    /// <summary>Writes a file of the run.</summary>
    /// <exception cref="RunFailedException">It cannot be written, or the folder is no longer the run's.</exception>
    public void Write(string file, string text)
    {
        RequireHeld();
        AtomicFile.WriteText(file, text);
    }

    /// <summary>Writes a record of the run, to be read back with <see cref="SealedRecord"/>.</summary>
    /// <exception cref="RunFailedException">It cannot be written, or the folder is no longer the run's.</exception>
    internal void WriteRecord<T>(string name, T record) => Write(File(name), SealedRecord.Text(record));

    /// <summary>Stores what the run is, before its first step.</summary>
    /// <param name="options">The resolved options.</param>
    /// <param name="facts">More for <c>run.json</c>, for example the fingerprint of the data.</param>
    public void Describe(TrainingRunOptions options, JsonObject facts)
    {
        RequireHeld();
        options = options with { FoundSpace = StoredSpace.Keep(Path, options.FoundSpace, facts) };
        Write(OptionsPath, OptionFile.Write(options));
        facts[OptionsFact] = StoredOptions.Of(options);
        // Last, because its presence is what makes the folder a run.
        WriteRecord(FactsName, facts);
    }

    /// <summary>
    /// Removes what killed processes left under temporary names, in the places where this run writes: never through links, nor in runs
    /// below. Who only reads the folder leaves that to who holds it.
    /// </summary>
    /// <param name="isAlone">Whether a shared folder is known to be written by nobody else at this moment.</param>
    public void RemoveLeftovers(bool isAlone = false)
    {
        if (IsReadOnly || (IsShared && !isAlone)) return;
        RequireHeld();
        AtomicFile.DeleteLeftovers(Path);
        foreach (string place in (string[])["checkpoints", "scores", "rankings"])
            if (new DirectoryInfo(File(place)) is { Exists: true, LinkTarget: null } folder) AtomicFile.DeleteLeftovers(folder.FullName);
    }

    /// <summary>A text of <c>run.json</c>.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    public string ReadFact(string key) => ReadFact<string>(key);

    /// <summary>A fact of <c>run.json</c>.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    public T ReadFact<T>(string key) => Fact<T>(Path, ReadFacts(Path), key);

    /// <summary>What the run in a folder is: one of <see cref="RunKind"/>.</summary>
    /// <exception cref="BadDataException">There is no run, or <c>run.json</c> is damaged.</exception>
    public static string KindOf(string path)
    {
        RequireRun(path);
        return Fact<string>(path, ReadFacts(path), KindFact);
    }

    /// <summary>Whether <c>run.json</c> has a value for a key.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    public bool HasFact(string key) => ReadFacts(Path)[key] is not null;

    /// <summary>Throws unless the run is of that kind.</summary>
    /// <exception cref="BadDataException">It is of another kind, or <c>run.json</c> is missing or damaged.</exception>
    public void RequireKind(string kind)
    {
        string actual = ReadFact(KindFact);
        if (actual != kind) throw new BadDataException(WrongKind(Path, actual, kind));
    }

    private static string WrongKind(string path, string actual, string kind) =>
        $"'{path}' holds the run of {WithArticle(actual)}, not of {WithArticle(kind)}: name another folder";

    private static string WithArticle(string kind) => kind == RunKind.Auto ? "a model within a given time" : $"a {kind}";

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock?.Dispose();

    // Null for images that have parts of their own.
    private static FolderSplit? ReadSplit(string path) => !System.IO.File.Exists(path) ? null
        : SealedRecord.Read<FolderSplit>(path, Remedy)
            is { Training.IsDefault: false, Test.IsDefault: false, LeftOut.IsDefault: false } split ? split
        : throw new BadDataException($"cannot use '{path}': it lacks the names of the images. {Remedy}");

    /// <summary>What the run in a folder is; written before its first step.</summary>
    /// <exception cref="BadDataException">There is no run, or its facts are damaged or changed.</exception>
    internal static JsonObject ReadFacts(string path) => SealedRecord.Read(FactsPathOf(path), Remedy);

    /// <summary>One of the facts of the run in a folder.</summary>
    /// <exception cref="BadDataException">It is missing, or of another kind.</exception>
    internal static T Fact<T>(string path, JsonObject facts, string key)
    {
        try
        {
            return facts[key] is { } fact && fact.Deserialize<T>(RunJson.Options) is { } value
                ? value
                : throw new JsonException($"it has no '{key}' of the right kind");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw new BadDataException(
                $"cannot use '{FactsPathOf(path)}': {error.Message.TrimEnd('.')}. {Remedy}", error);
        }
    }
}
