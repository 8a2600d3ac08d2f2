using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Runtime.Files;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// A log of one JSON document a line, appended as things happen. A line that a killed process left half written is dropped.
/// </summary>
internal static class RunLog
{
    private const string Remedy = "Restore the file, or start a new run.";

    /// <summary>The records of epochs have it; others, such as those of measurements between epochs, do not.</summary>
    internal const string EpochSign = "loss";

    private const string EpochKey = "epoch";
    private const string SecondsKey = "seconds";

    private static readonly FileKind Kind = new("the log of a run, one JSON document a line", 1 << 28, Remedy) { MayBeEmpty = true };

    /// <summary>Appends one document, and waits until it is on the disk: it has to be there when the checkpoint after it is.</summary>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    public static void Append<T>(string path, T document) =>
        AtomicFile.AppendText(path, JsonSerializer.Serialize(document, RunJson.Line) + "\n");

    /// <summary>
    /// Keeps the records up to an epoch and drops later ones: they were written after the checkpoint from which the run goes on, and
    /// will be written again.
    /// </summary>
    /// <exception cref="BadDataException">
    /// A record is damaged, or those of the epochs up to that one are not all there: they could not be made up.
    /// </exception>
    public static void KeepEpochs(string path, int last)
    {
        List<(string Line, JsonObject Record)> records = last == 0 ? [] : Read(path);
        List<(string Line, JsonObject Record)> kept = [.. records.Where(entry => EpochOf(entry.Record) <= last)];
        RequireEpochs(path, kept.Select(entry => entry.Record), last);
        string text = string.Concat(kept.Select(entry => entry.Line + "\n"));
        if (File.Exists(path) && new FileInfo(path).Length != Encoding.UTF8.GetByteCount(text)) AtomicFile.WriteText(path, text);
    }

    /// <summary>Throws unless the log of a finished training is whole.</summary>
    /// <exception cref="BadDataException">A record is damaged or missing.</exception>
    public static void RequireEpochs(string path, int epochs) => RequireEpochs(path, Read(path).Select(entry => entry.Record), epochs);

    /// <summary>The values of a key, in order, of the records that have it; for example the seconds of every epoch.</summary>
    /// <exception cref="BadDataException">The log is missing or damaged.</exception>
    public static ImmutableArray<double> Values(string path, string key) =>
        [.. Read(path).Where(entry => entry.Record.ContainsKey(key))
            .Select(entry => Get<double>(entry.Record, key) ?? throw Bad(path, $"a record has no number '{key}'"))];

    /// <summary>The records that have a key, in order; none where there is no log yet.</summary>
    /// <exception cref="BadDataException">The log is damaged.</exception>
    internal static ImmutableArray<T> Records<T>(string path, string key)
    {
        if (!Path.Exists(path)) return [];
        try
        {
            return
            [
                .. Read(path)
                    .Where(entry => entry.Record.ContainsKey(key))
                    .Select(entry => entry.Record.Deserialize<T>(RunJson.Line)!)
            ];
        }
        catch (JsonException error)
        {
            throw Bad(path, error.Message.TrimEnd('.'), error);
        }
    }

    /// <summary>Whether there is a record of an epoch with a key.</summary>
    /// <exception cref="BadDataException">The log is damaged.</exception>
    public static bool Has(string path, int epoch, string key) =>
        File.Exists(path) && Read(path).Any(entry => EpochOf(entry.Record) == epoch && entry.Record.ContainsKey(key));

    /// <summary>The time of all epochs together, in seconds.</summary>
    /// <exception cref="BadDataException">The log is missing or damaged.</exception>
    public static double TotalSeconds(string path) => Values(path, SecondsKey).Sum();

    private static void RequireEpochs(string path, IEnumerable<JsonObject> records, int last)
    {
        int epoch = 0;
        foreach (JsonObject record in records.Where(record => record.ContainsKey(EpochSign)))
        {
            epoch++;
            if (EpochOf(record) != epoch)
                throw Bad(path, $"the record of epoch {EpochOf(record)} is where that of epoch {epoch} is expected");
            if (Get<double>(record, SecondsKey) is not >= 0) throw Bad(path, $"the record of epoch {epoch} has no number '{SecondsKey}'");
        }
        if (epoch != last) throw Bad(path, $"it has the records of {epoch} epochs, but {last} are trained");
    }

    // The records with their lines. A line without its end is dropped unless it is whole: the process was killed while writing it.
    private static List<(string Line, JsonObject Record)> Read(string path)
    {
        string text = InputFile.ReadText(path, Kind);
        var records = new List<(string, JsonObject)>();
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            bool isUnended = i == lines.Length - 1;
            if (isUnended && lines[i].Length == 0) break;
            try
            {
                records.Add((lines[i], Parse(lines[i])));
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
            {
                if (!isUnended) throw Bad(path, $"line {i + 1}: {error.Message.TrimEnd('.')}", error);
            }
        }
        return records;
    }

    private static JsonObject Parse(string line)
    {
        JsonObject record = RunJson.ParseObject(line);
        return Get<int>(record, EpochKey) is >= 1 ? record : throw new JsonException($"it has no '{EpochKey}'");
    }

    private static int EpochOf(JsonObject record) => Get<int>(record, EpochKey) ?? 0;

    private static T? Get<T>(JsonObject record, string key) where T : struct =>
        record[key] is JsonValue value && value.TryGetValue(out T number) ? number : null;

    private static BadDataException Bad(string path, string what, Exception? inner = null) =>
        new($"cannot use '{path}': {what}. {Remedy}", inner);
}
