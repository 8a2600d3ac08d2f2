using System.Text.Json.Nodes;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Cli.Tests;

/// <summary>Command lines of a tiny comparison, and what its results have in common whenever and wherever it ran.</summary>
internal static class Comparison
{
    /// <summary>Two methods, two seeds, against a truth of all architectures unless more flags say otherwise.</summary>
    public static string[] Arguments(string data, string truth, string folder, params string[] more) =>
    [
        "compare", "--data", data, "--channels", "2", "--cells", "1", "--batch-size", "8", "--threads", "1", "--validation-images", "15",
        .. More(more, "--precision", "float32"), .. More(more, "--methods", "spos,panda"), .. More(more, "--seeds", "0,1"),
        .. More(more, "--epochs", "2"), .. More(more, "--architectures", "12"),
        "--truth", truth, "--out", folder, .. more,
    ];

    /// <summary>A truth of every architecture for the tiny images.</summary>
    public static string Truth(string path)
    {
        var random = new Random(5);
        NasBench201Space space = NasBench201Space.Instance;
        string Row(int i) => FormattableString.Invariant($"{space.Format(space.At(i))},{80 + 15 * random.NextDouble():F3}");
        File.WriteAllLines(path, Enumerable.Range(0, (int)space.Size).Select(Row).Prepend("architecture,idx"));
        return path;
    }

    /// <summary>A comparison's JSON without what differs from time to time and place to place: the seconds and the folder.</summary>
    public static string WithoutTimeAndPlace(string json)
    {
        JsonObject result = JsonNode.Parse(json)!.AsObject();
        Assert.True(result.Remove("run"));
        foreach (JsonNode? row in result["rows"]!.AsArray())
            Assert.Equal(!row!["is_control"]!.GetValue<bool>(), row["measures"]!.AsObject().Remove("training_seconds"));
        return result.ToJsonString();
    }

    private static string[] More(string[] more, string flag, string value) => more.Contains(flag) ? [] : [flag, value];
}
