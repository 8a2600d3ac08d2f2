using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Data;
using PandaNas.Runtime;

namespace PandaNas.Experiments;

/// <summary>
/// The folder of one run: resolved options, version, log, checkpoints, results. While it is open no other process can write into
/// it; the operating system releases the lock even when the process is killed.
/// </summary>
public sealed class RunDirectory : IDisposable
{
    private const string LockName = "lock";
    private const string OptionsName = "options.yaml";
    private const string FactsName = "run.json";

    private readonly FileStream _lock;

    private RunDirectory(string path, FileStream heldLock)
    {
        // Results name it, and must not depend on where somebody stood.
        Path = System.IO.Path.GetFullPath(path);
        _lock = heldLock;
    }

    /// <summary>The folder, absolute.</summary>
    public string Path { get; }

    /// <summary>The log: one JSON document a line.</summary>
    public string LogPath => LogPathOf(Path);

    /// <summary>The folder of the checkpoints.</summary>
    public string CheckpointFolder => File("checkpoints");

    /// <summary>The trained weights, once training is done.</summary>
    public string WeightsPath => File("weights.safetensors");

    /// <summary>The resolved options.</summary>
    public string OptionsPath => File(OptionsName);

    /// <summary>Makes the folder of a new run and locks it.</summary>
    /// <exception cref="BadOptionException">There is a run already.</exception>
    /// <exception cref="RunFailedException">The folder cannot be made, or another process is writing into it.</exception>
    public static RunDirectory Create(string path)
    {
        AtomicFile.CreateFolder(path);
        RunDirectory run = LockAndClean(path);
        if (!System.IO.File.Exists(run.OptionsPath)) return run;
        run.Dispose();
        throw new BadOptionException($"'{path}' holds a run already: continue it with --resume, or choose another place with --out");
    }

    /// <summary>Opens and locks the folder of a run that exists.</summary>
    /// <exception cref="BadDataException">There is no run.</exception>
    /// <exception cref="RunFailedException">Another process is writing into it.</exception>
    public static RunDirectory Open(string path)
    {
        RequireRun(path);
        return LockAndClean(path);
    }

    /// <summary>The log of the run in a folder.</summary>
    public static string LogPathOf(string path) => System.IO.Path.Combine(path, "log.jsonl");

    /// <summary>Whether the folder holds a run.</summary>
    public static bool Exists(string path) => System.IO.File.Exists(System.IO.Path.Combine(path, OptionsName));

    /// <summary>Throws unless the folder holds a run.</summary>
    /// <exception cref="BadDataException">There is none.</exception>
    public static void RequireRun(string path)
    {
        if (!Exists(path)) throw new BadDataException($"'{path}' is not the folder of a run: it has no {OptionsName}. Name the folder that 'panda train' reported");
    }

    /// <summary>The options with which the run in a folder was started; its space is the one that the run keeps.</summary>
    /// <exception cref="BadDataException">There is no run, or it is damaged.</exception>
    public static ExperimentOptions ReadOptions(string path, ExperimentOptions defaults)
    {
        ArgumentNullException.ThrowIfNull(defaults);
        RequireRun(path);
        ExperimentOptions known = StoredSpace.Read(path, ReadFacts(path)) is { } own ? defaults with { KnownSpaces = [own, .. defaults.KnownSpaces] } : defaults;
        try
        {
            return OptionFile.ApplyFile(known, System.IO.Path.Combine(path, OptionsName)) with
            {
                KnownSpaces = defaults.KnownSpaces,
                Split = ReadSplit(System.IO.Path.Combine(path, FolderSplit.FileName)),
            };
        }
        catch (BadOptionException error)
        {
            // Nobody typed these options: a run wrote them, perhaps with a space that only its own program knows.
            throw new BadDataException($"{error.Message} (the run's own file: restore it, or use the program that wrote it)", error);
        }
    }

    /// <summary>The path of a file of the run.</summary>
    public string File(params ReadOnlySpan<string> parts) => System.IO.Path.Combine([Path, .. parts]);

    /// <summary>Stores what the run is, before its first step.</summary>
    /// <param name="options">The resolved options.</param>
    /// <param name="scope">Which of them concern this kind of run.</param>
    /// <param name="facts">More for <c>run.json</c>, for example the fingerprint of the data.</param>
    public void Describe(ExperimentOptions options, OptionScope scope, JsonObject facts)
    {
        options = options with { Space = StoredSpace.Keep(Path, options.Space, facts) };
        AtomicFile.WriteText(File(FactsName), facts.ToJsonString(RunJson.Options) + "\n");
        // Last, because its presence is what makes the folder a run.
        AtomicFile.WriteText(OptionsPath, OptionFile.Write(options, scope));
    }

    /// <summary>A text of <c>run.json</c>.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    public string ReadFact(string key) => ReadFact<string>(key);

    /// <summary>A fact of <c>run.json</c>.</summary>
    /// <exception cref="BadDataException">The file is missing or damaged.</exception>
    public T ReadFact<T>(string key)
    {
        JsonObject facts = ReadFacts(Path);
        try
        {
            return facts[key] is { } fact && fact.Deserialize<T>(RunJson.Options) is { } value ? value : throw new JsonException($"it has no '{key}' of the right kind");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw BadFacts(Path, error);
        }
    }

    /// <summary>Throws unless the run is of that kind.</summary>
    /// <exception cref="BadDataException">It is of another kind, or <c>run.json</c> is missing or damaged.</exception>
    public void RequireKind(string kind)
    {
        string actual = ReadFact("kind");
        if (actual != kind) throw new BadDataException($"'{Path}' holds the run of a {actual}, not of a {kind}: name another folder");
    }

    /// <summary>Releases the lock.</summary>
    public void Dispose() => _lock.Dispose();

    // Null for images that have parts of their own.
    private static FolderSplit? ReadSplit(string path) => ResultFile.Read<FolderSplit>(path) is not { } split ? null
        : split is { Training.IsDefault: false, Test.IsDefault: false, LeftOut.IsDefault: false } ? split
        : throw new BadDataException($"cannot use '{path}': it lacks the names of the images. Restore the file, or start a new run.");

    private static JsonObject ReadFacts(string path)
    {
        try
        {
            return JsonNode.Parse(System.IO.File.ReadAllText(System.IO.Path.Combine(path, FactsName))) as JsonObject ?? throw new JsonException("it is no JSON object");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw BadFacts(path, error);
        }
    }

    private static BadDataException BadFacts(string path, Exception error) =>
        new($"cannot use '{System.IO.Path.Combine(path, FactsName)}': {error.Message.TrimEnd('.')}. Restore the file, or start a new run.", error);

    // Temporary files are of processes that were killed, because whoever holds the lock is alone.
    private static RunDirectory LockAndClean(string path)
    {
        var run = new RunDirectory(path, Lock(path));
        AtomicFile.DeleteLeftovers(path);
        return run;
    }

    private static FileStream Lock(string path)
    {
        string file = System.IO.Path.Combine(path, LockName);
        try
        {
            return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException error) when (System.IO.File.Exists(file))
        {
            throw new RunFailedException($"another process is writing into '{path}': wait for it, stop it, or choose another place with --out", error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw AtomicFile.CannotWrite(file, error);
        }
    }
}
