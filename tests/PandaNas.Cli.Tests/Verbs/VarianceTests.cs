using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Gradient variance of a checkpoint, and along a training.</summary>
[Collection(PandaCollection.Name)]
public sealed class VarianceTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void VarianceHasThePromisedKeysAndTheSameSeedGivesTheSameNumbers()
    {
        string run = world.Copy("measured");
        string[] arguments = ["variance", run, "--samples", "40", "--seed", "3"];
        JsonObject result = Panda.Json(arguments).Json;
        Assert.Equal(
            ["run", "method", "epoch", "samples", "batch_size", "seed", "gradient_variance", "seconds"], result.Select(pair => pair.Key));
        Assert.Equal(
            ("panda", 2, 40, 8),
            ((string)result["method"]!, (int)result["epoch"]!, (int)result["samples"]!, (int)result["batch_size"]!));
        Assert.Equal(
            ["uniform", "pa", "da", "panda"], result["gradient_variance"]!.AsArray().Select(pair => pair!["name"]!.GetValue<string>()));
        foreach (JsonNode? pair in result["gradient_variance"]!.AsArray())
        {
            JsonObject raw = pair!["raw"]!.AsObject();
            double variance = raw["total"]!["variance"]!.GetValue<double>();
            double[] interval = [.. raw["total"]!["ci95"]!.AsArray().Select(end => end!.GetValue<double>())];
            Assert.InRange(variance, interval[0], interval[1]);
            Assert.Equal(
                ["shared", "nor_conv_1x1", "nor_conv_3x3"], raw["groups"]!.AsArray().Select(group => group!["name"]!.GetValue<string>()));
            Assert.Equal(variance, raw["groups"]!.AsArray().Sum(group => group!["estimate"]!["variance"]!.GetValue<double>()), 1e-9);
        }
        // At the end of a training the confidence is 1: what showed no gradient is never drawn, and cannot be corrected for.
        Assert.NotNull(result["gradient_variance"]![0]!["corrected"]);
        Assert.Null(result["gradient_variance"]![1]!["corrected"]);

        JsonObject again = Panda.Json(arguments).Json;
        JsonObject stored = JsonNode.Parse(File.ReadAllText(Path.Combine(run, "variance.json")))!.AsObject();
        Assert.Equal(result["gradient_variance"]!.ToJsonString(), again["gradient_variance"]!.ToJsonString());
        Assert.Equal(again.ToJsonString(), stored.ToJsonString());

        Outcome text = Panda.Run("variance", run, "--samples", "40", "--seed", "3", "--distributions", "da,uniform");
        Assert.Equal(0, text.Code);
        Assert.Contains("after epoch 2, 40 gradients of 8 images", text.Output, StringComparison.Ordinal);
        Assert.True(text.Output.IndexOf("da ", StringComparison.Ordinal) < text.Output.IndexOf("uniform ", StringComparison.Ordinal));
    }

    [Fact]
    public void AnUnfinishedTrainingCanBeMeasured()
    {
        string run = world.Copy("unfinished-variance", copy =>
        {
            File.Delete(Path.Combine(copy, "weights.safetensors"));
            Directory.Delete(Path.Combine(copy, "checkpoints", "000002-000000000"), recursive: true);
        });
        JsonObject result = Panda.Json("variance", run, "--samples", "40").Json;
        Assert.Equal(1, result["epoch"]!.GetValue<int>());
        // Half-way everything can still be drawn.
        Assert.NotNull(result["gradient_variance"]![1]!["corrected"]);
        Assert.InRange(result["gradient_variance"]![1]!["path_effective_samples"]!.GetValue<double>(), 1, 40);
    }

    [Fact]
    public void RecordingVarianceAlongATrainingLeavesItsBitsAlone()
    {
        string run = world.Train("recorded", "--variance-every", "1", "--variance-samples", "40");
        Assert.Equal(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(run, "weights.safetensors"));
        JsonObject[] records = [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];
        Assert.Equal(
            [(1, false), (1, true), (2, false), (2, true)],
            records.Select(record => (record["epoch"]!.GetValue<int>(), record.ContainsKey("gradient_variance"))));
        Assert.Equal(
            ["uniform", "pa", "da", "panda"], records[1]["gradient_variance"]!.AsArray().Select(pair => pair!["name"]!.GetValue<string>()));
        Assert.NotNull(records[1]["gradient_variance"]![3]!["corrected"]);
        Assert.Null(records[3]["gradient_variance"]![3]!["corrected"]);

        // Resuming a finished run measures nothing again.
        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume").Code);
        Assert.Equal(records.Length, File.ReadLines(Path.Combine(run, "log.jsonl")).Count());
    }
}
