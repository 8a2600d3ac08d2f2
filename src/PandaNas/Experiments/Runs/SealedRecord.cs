using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PandaNas.Experiments.Runs;

/// <summary>
/// JSON objects that are read back later: the last key is the SHA-256 of all others. A record that was cut, edited or damaged in any
/// place is refused; the layout may change.
/// </summary>
internal static class SealedRecord
{
    private const string SealKey = "sha256";

    /// <summary>The text of a record's file.</summary>
    public static string Text<T>(T record) =>
        Text(JsonSerializer.SerializeToNode(record, RunJson.Options) as JsonObject
            ?? throw new ArgumentException("a record is a JSON object", nameof(record)));

    /// <summary>The text of a record's file.</summary>
    public static string Text(JsonObject record)
    {
        JsonObject whole = record.DeepClone().AsObject();
        whole.Remove(SealKey);
        whole[SealKey] = HashOf(whole);
        return whole.ToJsonString(RunJson.Options) + "\n";
    }

    /// <summary>A record without its seal.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="remedy">What to do about a damaged one, as a sentence.</param>
    /// <exception cref="BadDataException">The file is missing, damaged or changed.</exception>
    public static JsonObject Read(string path, string remedy)
    {
        try
        {
            return Unseal(RunJson.ReadObject(path, remedy));
        }
        // A lone surrogate is found when the text is written again.
        catch (Exception error) when (error is JsonException or InvalidOperationException or FormatException or ArgumentException)
        {
            throw Bad(path, error, remedy);
        }
    }

    /// <summary>A record as an object of ours.</summary>
    /// <param name="path">Its file.</param>
    /// <param name="remedy">What to do about a damaged one, as a sentence.</param>
    /// <exception cref="BadDataException">The file is missing, damaged or changed, or is the record of something else.</exception>
    public static T Read<T>(string path, string remedy) where T : class
    {
        JsonObject record = Read(path, remedy);
        try
        {
            return record.Deserialize<T>(RunJson.Options) ?? throw new JsonException("it is empty");
        }
        catch (Exception error) when (error is JsonException or InvalidOperationException)
        {
            throw Bad(path, error, remedy);
        }
    }

    /// <summary>The record in which a run keeps a result; null where there is none yet.</summary>
    /// <exception cref="BadDataException">The file is damaged or was changed.</exception>
    public static T? ReadResult<T>(string path) where T : class =>
        Path.Exists(path) ? Read<T>(path, "Delete it; continuing the run makes it anew.") : null;

    private static JsonObject Unseal(JsonObject record)
    {
        if (record[SealKey] is not JsonValue seal || !seal.TryGetValue(out string? expected))
            throw new JsonException(
                $"it has no '{SealKey}', the seal over its contents: it was cut, or another version of the program wrote it");
        record.Remove(SealKey);
        return HashOf(record) == expected
            ? record
            : throw new JsonException($"its contents do not fit its '{SealKey}': it was changed after it was written");
    }

    private static BadDataException Bad(string path, Exception error, string remedy) =>
        new($"cannot use '{path}': {error.Message.TrimEnd('.')}. {remedy}", error);

    /// <summary>The SHA-256 of a record without its seal.</summary>
    // Of the values and not of the layout: a number keeps its digits when it is read and written again.
    public static string HashOf(JsonObject record) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(record.ToJsonString(RunJson.Line))));
}
