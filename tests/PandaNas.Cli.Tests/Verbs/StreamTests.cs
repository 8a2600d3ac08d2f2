using PandaNas.Benchmarks;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Streamed image folders through the verbs.</summary>
[Collection(PandaCollection.Name)]
public sealed class StreamTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IReadOnlyList<string> _damaged;

    public StreamTests() => _damaged = JpegFolder.Write(_folder["images"], images: 100, width: 60, height: 45, classes: 2, damaged: 0.02);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void DamagedFiles_AreNamed_WithExitCode3_OrLeftOut()
    {
        Panda.Run([.. TrainArguments("refused").Where(argument => argument != "--skip-corrupt")]).Refused(
            3, ["2 of 100 images", "--skip-corrupt", .. _damaged]);
        System.Text.Json.Nodes.JsonObject looked = Inspect().Json;
        Assert.Equal(
            _damaged.Order(StringComparer.Ordinal),
            looked["unusable"]!.AsArray().Select(file => (string)file!["path"]!).Order(StringComparer.Ordinal));
        Assert.Contains("--skip-corrupt", (string)looked["refusal"]!, StringComparison.Ordinal);
        Outcome left = Inspect("--skip-corrupt");
        Assert.Equal((2, 98), ((int)left.Json["left_out"]!, (int)left.Json["train"]! + (int)left.Json["test"]!));
        Assert.Equal(24, (int)left.Json["height"]!);
    }

    // DA draws by index, ranking and search evaluate the held-out part, retraining scores on the test images.
    [Fact]
    public void TrainRankSearchRetrain_AndTheSameBits_WhateverTheWorkers()
    {
        string one = Train("one", "--workers", "1"), three = Train("three", "--workers", "3");
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(one, "weights.safetensors")), File.ReadAllBytes(Path.Combine(three, "weights.safetensors")));
        Assert.Equal(3, (int)Panda.Json("rank", one, "--architectures", "3", "--workers", "2", "--reference", "20").Json["architectures"]!);
        Outcome search = Panda.Json("search", one, "--algorithm", "random", "--evaluations", "4", "--reference", "20");
        Assert.True(search.Code == 0, search.Error);
        Outcome retrained = Panda.Json(
            "retrain", one, "--architecture", TrainedRun.Architectures[0], "--channels", "2", "--cells", "1", "--epochs", "1",
            "--batch-size", "16",
            "--threads", "1", "--auto-augment", "--out", _folder["retrained"]);
        Assert.InRange((double)retrained.Json["test_accuracy"]!, 0, 1);
    }

    [Fact]
    public void TwoPolicies_AreRefused() =>
        Panda.Run(TrainArguments("both", "--auto-augment", "--rand-augment", "2,9")).Refused(2, "auto-augment", "rand-augment");

    private Outcome Inspect(params string[] more) => Panda.Json(
        ["data", "inspect", $"images:{_folder["images"]}", "--stream", "on", "--image-size", "24", "--cache", _folder["cache"], .. more]);

    private string Train(string name, params string[] more)
    {
        Outcome outcome = Panda.Run(TrainArguments(name, more));
        Assert.True(outcome.Code == 0, outcome.Error);
        return _folder[name];
    }

    private string[] TrainArguments(string name, params string[] more) =>
    [
        "train", "--data", $"images:{_folder["images"]}", "--stream", "on", "--skip-corrupt", "--image-size", "24", "--cache",
        _folder["cache"],
        "--color-jitter", "0.4,0.4,0.4,0.1", "--channels", "2", "--cells", "1", "--epochs", "2", "--batch-size", "16", "--threads", "1",
        "--precision", "float32", "--validation-images", "20", "--out", _folder[name], .. more,
    ];
}
