using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Exporting;
using PandaNas.Runtime.Files;
using PandaNas.Sampling;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// Checkpoints of a training: each a folder <c>EPOCH-POSITION</c> with tensors as safetensors and the rest as JSON, which also
/// holds the SHA-256 of the tensors and of itself. A checkpoint appears by a rename when it is whole; the one before it goes after that.
/// </summary>
/// <param name="folder">Where the checkpoints lie.</param>
internal sealed class Checkpoints(string folder)
{
    private const string Remedy = "Delete that checkpoint's folder to continue from the one before it.";
    private const int Version = 2;
    private const string TensorsName = "tensors.safetensors";
    private const string StateName = "state.json";
    private const string StateHashKey = "state_sha256";
    private const string OrderKey = "order";
    private const string PathsPrefix = "paths.";
    private const string DataPrefix = "data.";
    private const string NetworkPrefix = "network.";

    /// <summary>The files of a checkpoint.</summary>
    public static IReadOnlyList<string> FileNames { get; } = [TensorsName, StateName];

    /// <summary>How many checkpoints are kept: the newest, and one to fall back on.</summary>
    public const int Kept = 2;

    /// <summary>Saves a state; a failure leaves the earlier checkpoints alone.</summary>
    /// <exception cref="RunFailedException">
    /// The disk is full or the place cannot be written, or the state has numbers that are not finite: it is no better than what was saved
    /// before.
    /// </exception>
    public void Save(TrainerState state)
    {
        if (FiniteTensors.Explain(state.Tensors.Select(entry => (entry.Key, entry.Value))) is { } broken)
            throw Diverged(string.Create(CultureInfo.InvariantCulture, $"after epoch {state.Epoch}, example {state.Position}: {broken}"));
        string target = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"{state.Epoch:D6}-{state.Position:D9}"));
        // The very state is there already, for example when a finished run is resumed.
        if (Directory.Exists(target)) return;
        string temporary = AtomicFile.TemporaryName(target);
        try
        {
            Directory.CreateDirectory(temporary);
            string tensors = Path.Combine(temporary, TensorsName);
            AtomicFile.Write(tensors, stream => WriteTensors(stream, state));
            JsonObject description = Describe(state, Hash(tensors));
            description[StateHashKey] = Hash(description);
            AtomicFile.WriteText(Path.Combine(temporary, StateName), description.ToJsonString(RunJson.Options) + "\n");
            Directory.Move(temporary, target);
        }
        catch (Exception error)
        {
            TryDelete(temporary);
            // The files' own errors name the temporary folder, which is gone by now.
            Exception cause = error is RunFailedException { InnerException: { } inner } ? inner : error;
            if (AtomicFile.IsFailureToWrite(cause)) throw AtomicFile.CannotWrite(target, cause);
            throw;
        }
        foreach (string old in Names().SkipLast(Kept)) TryDelete(Path.Combine(folder, old));
    }

    /// <summary>The newest checkpoint's folder, or null when there is none.</summary>
    public string? Newest() => Directory.Exists(folder) && Names().LastOrDefault() is { } name ? Path.Combine(folder, name) : null;

    /// <summary>Brings a trainer to the newest checkpoint, if there is one.</summary>
    public void Resume(Trainer trainer)
    {
        if (Newest() is not { } newest) return;
        TrainerState state = Read(newest);
        trainer.Restore(state, newest);
        foreach (Tensor tensor in state.Tensors.Values) tensor.Dispose();
    }

    /// <summary>Deletes all, of a training that is done; what cannot be deleted stays.</summary>
    public void Delete() => TryDelete(folder);

    /// <summary>The error of a training that diverged; it names the last good checkpoint.</summary>
    /// <param name="what">Where, and what is no longer finite.</param>
    /// <param name="inner">The error that found it, if one did.</param>
    public RunFailedException Diverged(string what, Exception? inner = null)
    {
        string last = Newest() is { } newest ? $"The last good checkpoint is '{newest}'" : "There is no good checkpoint yet";
        return new(
            $"training diverged {what}. Nothing was saved of that. {last}. "
            + "Start a new run with a lower learning rate or with clipped gradients",
            inner);
    }

    /// <summary>Reads a checkpoint. The caller disposes its tensors.</summary>
    /// <exception cref="BadDataException">It is incomplete, truncated or altered.</exception>
    public static TrainerState Read(string checkpoint)
    {
        string statePath = Path.Combine(checkpoint, StateName), tensorsPath = Path.Combine(checkpoint, TensorsName);
        try
        {
            JsonObject state = RunJson.ReadObject(statePath, Remedy);
            if (Get<int>(state, "version") != Version)
                throw new JsonException($"it is of version {Get<int>(state, "version")}, this program reads version {Version}");
            string stateHash = Get<string>(state, StateHashKey);
            state.Remove(StateHashKey);
            if (stateHash != Hash(state)) throw Damaged(checkpoint, $"the SHA-256 of {StateName} differs from the one it holds", null);
            if (Get<string>(state, "tensors_sha256") != Hash(tensorsPath))
                throw Damaged(checkpoint, $"the SHA-256 of {TensorsName} differs from the one in {StateName}", null);
            return Assemble(state, SafeTensors.Read(tensorsPath));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException
            or InvalidOperationException or FormatException or KeyNotFoundException)
        {
            throw Damaged(checkpoint, error.Message.TrimEnd('.'), error);
        }
    }

    private IEnumerable<string> Names() => Directory.EnumerateDirectories(folder)
        .Select(path => Path.GetFileName(path))
        .Where(IsName)
        .Order(StringComparer.Ordinal);

    /// <summary>Whether a folder of that name is a checkpoint.</summary>
    public static bool IsName(string name) =>
        name.Length == 16 && name[6] == '-' && name.Where((c, i) => i != 6).All(char.IsAsciiDigit);

    private static void WriteTensors(Stream stream, TrainerState state)
    {
        using var scope = NewDisposeScope();
        var tensors = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach ((string name, Tensor value) in state.Tensors) tensors.Add(NetworkPrefix + name, value);
        foreach ((string name, double[] values) in state.Paths.Values)
            tensors.Add(PathsPrefix + name, tensor(values, dtype: ScalarType.Float64));
        foreach ((string name, double[] values) in state.Data.Values)
            tensors.Add(DataPrefix + name, tensor(values, dtype: ScalarType.Float64));
        tensors.Add(OrderKey, tensor(state.Order.ToArray(), dtype: ScalarType.Int32));
        SafeTensors.Write(stream, tensors);
    }

    private static JsonObject Describe(TrainerState state, string hash) => new()
    {
        ["version"] = Version,
        ["epoch"] = state.Epoch,
        ["position"] = state.Position,
        ["loss_sum"] = state.LossSum,
        ["correct"] = state.Correct,
        ["measured"] = state.Measured,
        ["seconds"] = state.Seconds,
        ["random_streams"] = new JsonObject(state.RandomStreams.Select(pair => KeyValuePair.Create(pair.Key, (JsonNode?)pair.Value))),
        ["tensors_sha256"] = hash,
    };

    private static TrainerState Assemble(JsonObject state, Dictionary<string, Tensor> tensors)
    {
        var network = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        var paths = ImmutableSortedDictionary.CreateBuilder<string, double[]>(StringComparer.Ordinal);
        var data = ImmutableSortedDictionary.CreateBuilder<string, double[]>(StringComparer.Ordinal);
        foreach ((string name, Tensor value) in tensors)
        {
            if (name.StartsWith(NetworkPrefix, StringComparison.Ordinal)) network.Add(name[NetworkPrefix.Length..], value);
            else if (name.StartsWith(PathsPrefix, StringComparison.Ordinal)) paths.Add(name[PathsPrefix.Length..], Doubles(value));
            else if (name.StartsWith(DataPrefix, StringComparison.Ordinal)) data.Add(name[DataPrefix.Length..], Doubles(value));
        }
        using Tensor order = tensors[OrderKey];
        if (order.dtype != ScalarType.Int32) throw new FormatException($"'{OrderKey}' has type {order.dtype}");
        return new TrainerState(
            Get<int>(state, "epoch"), Get<int>(state, "position"),
            Get<double>(state, "loss_sum"), Get<long>(state, "correct"), Get<long>(state, "measured"),
            Get<double>(state, "seconds"), [.. order.data<int>()],
            (state["random_streams"] as JsonObject ?? throw new KeyNotFoundException("it has no random_streams"))
                .ToImmutableSortedDictionary(
                    pair => pair.Key,
                    pair => (pair.Value ?? throw new FormatException($"its random stream '{pair.Key}' is null")).GetValue<string>()),
            new SamplerState(paths.ToImmutable()), new SamplerState(data.ToImmutable()), network);
    }

    private static double[] Doubles(Tensor values)
    {
        using Tensor owned = values;
        return owned.dtype == ScalarType.Float64
            ? owned.data<double>().ToArray()
            : throw new FormatException($"a sampler's values have type {owned.dtype}");
    }

    private static T Get<T>(JsonObject state, string key) =>
        (state[key] ?? throw new KeyNotFoundException($"it has no '{key}'")).GetValue<T>();

    /// <summary>SHA-256 of a safetensors file.</summary>
    /// <exception cref="BadDataException">It cannot be read.</exception>
    internal static string Hash(string path)
    {
        using FileStream stream = InputFile.Open(path, SafeTensors.Kind with { Remedy = Remedy });
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    // Of the values and not of the layout: a number keeps its digits when it is read and written again.
    private static string Hash(JsonObject state) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(state.ToJsonString(RunJson.Line))));

    private static BadDataException Damaged(string checkpoint, string what, Exception? inner) => new(
        $"checkpoint '{checkpoint}' is damaged: {what}. {Remedy}", inner);

    private static void TryDelete(string path)
    {
        try
        {
            if (Directory.Exists(path)) Directory.Delete(path, recursive: true);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // An old or temporary checkpoint that stays costs space only; the next save tries again.
        }
    }
}
