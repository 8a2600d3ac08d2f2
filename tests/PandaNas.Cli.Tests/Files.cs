using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Runs;

namespace PandaNas.Cli.Tests;

/// <summary>Looks into the folder of a run, and copies it.</summary>
internal static class Files
{
    public static byte[] Bytes(params string[] path) => File.ReadAllBytes(Path.Combine(path));

    /// <summary>The record that a file holds; written again it gives the same file, but for the seal.</summary>
    public static T Record<T>(params string[] path)
    {
        string text = File.ReadAllText(Path.Combine(path));
        T record = JsonSerializer.Deserialize<T>(text, RunJson.Options)!;
        JsonObject expected = JsonNode.Parse(text)!.AsObject();
        JsonObject actual = JsonSerializer.SerializeToNode(record, RunJson.Options)!.AsObject();
        expected.Remove("sha256");
        Assert.Equal(expected.ToJsonString(), actual.ToJsonString());
        return record;
    }

    /// <summary>Copies a folder and all below it into another, which may have other files already.</summary>
    public static void Copy(string folder, string into)
    {
        foreach (string file in Directory.GetFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(into, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    public static byte[] LastCheckpoint(string run, string name) =>
        Bytes(Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last(), name);

    /// <summary>Temporary files and folders, hidden ones too.</summary>
    public static string[] Temporary(string run) =>
        Directory.GetFileSystemEntries(run, "*.tmp", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 });

    /// <summary>The epochs in the log; a half-written line does not count.</summary>
    public static IReadOnlyList<int> LoggedEpochs(string run)
    {
        string path = Path.Combine(run, "log.jsonl");
        if (!File.Exists(path)) return [];
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        var epochs = new List<int>();
        foreach (string line in reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            try
            {
                epochs.Add(JsonNode.Parse(line)!["epoch"]!.GetValue<int>());
            }
            catch (JsonException)
            {
            }
        }
        return epochs;
    }
}
