using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Runtime;

namespace PandaNas.Experiments;

/// <summary>A log of one JSON document a line, appended as things happen. A line that a killed process left half written is dropped.</summary>
public static class RunLog
{
    private static readonly FileKind Kind = new("the log of a run, one JSON document a line", 1 << 28, "Restore the file.") { MayBeEmpty = true };

    /// <summary>Appends one document.</summary>
    /// <exception cref="RunFailedException">The file cannot be written.</exception>
    public static void Append<T>(string path, T document)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.Read);
            stream.Write(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(document, RunJson.Line) + "\n"));
        }
        catch (Exception error) when (AtomicFile.IsFailureToWrite(error))
        {
            throw AtomicFile.CannotWrite(path, error);
        }
    }

    /// <summary>
    /// Keeps the records up to an epoch and drops later ones: they were written after the checkpoint from which the run goes on, and
    /// will be written again.
    /// </summary>
    public static void KeepEpochs(string path, int last)
    {
        if (!File.Exists(path)) return;
        List<string> lines = [.. InputFile.ReadLines(path, Kind)];
        List<string> kept = [.. lines.Where(line => EpochOf(line) is { } epoch && epoch <= last)];
        if (kept.Count != lines.Count) AtomicFile.WriteText(path, string.Concat(kept.Select(line => line + "\n")));
    }

    /// <summary>The values of a key, in order, of the records that have it; for example the seconds of every epoch.</summary>
    public static ImmutableArray<double> Values(string path, string key) =>
        [.. InputFile.ReadLines(path, Kind).Select(line => (JsonNode.Parse(line) as JsonObject)?[key]?.GetValue<double>()).OfType<double>()];

    /// <summary>Whether there is a record of an epoch with a key.</summary>
    public static bool Has(string path, int epoch, string key) =>
        File.Exists(path) && InputFile.ReadLines(path, Kind).Any(line => EpochOf(line) == epoch && JsonNode.Parse(line)!.AsObject().ContainsKey(key));

    /// <summary>The time of all epochs together, in seconds.</summary>
    public static double TotalSeconds(string path) => Values(path, "seconds").Sum();

    private static int? EpochOf(string line)
    {
        try
        {
            return (JsonNode.Parse(line) as JsonObject)?["epoch"]?.GetValue<int>();
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }
}
