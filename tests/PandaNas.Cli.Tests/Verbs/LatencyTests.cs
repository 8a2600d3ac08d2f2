using System.Globalization;
using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Tables and the searches that use them. Nothing here depends on how fast the machine is.</summary>
[Collection(PandaCollection.Name)]
public sealed class LatencyTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void TableIsMadeCheckedAndSearchedWith()
    {
        string table = world["table.json"];
        string[] sizes = ["--channels", "2", "--cells", "1", "--input-channels", "1", "--image-size", "8", "--classes", "3"];
        string[] running = [.. sizes, "--threads", "1", "--repetitions", "2", "--rounds", "1"];
        JsonObject made = Panda.Json(["latency", "--networks", "10", "--held-out", "5", "--out", table, .. running]).Json;
        Assert.Equal((5, table), (made["held_out"]!.AsArray().Count, made["table"]!.GetValue<string>()));

        JsonObject compared = Panda.Json(["latency", TrainedRun.Architectures[0], "--latency-table", table, .. running]).Json;
        double predicted = compared["networks"]![0]!["predicted_ms"]!.GetValue<double>();
        Assert.True(predicted > 0);
        Panda.Json(["latency", TrainedRun.Architectures[0], "--latency-table", table, .. running, "--batch", "2"]).Refused(
            3, "batch '1', but '2'");
        Panda.Json(["latency", TrainedRun.Architectures[0], "--latency-table", table, .. running, "--runtime", "onnx"]).Refused(
            3, "runtime 'torch', but 'onnx'");
        JsonObject cost = Panda.Json(["cost", "--architecture", TrainedRun.Architectures[0], "--latency-table", table, .. sizes]).Json;
        Assert.Equal(predicted, cost["latency_ms"]!.GetValue<double>());

        string[] search =
        [
            "search", world.Run, .. "--images 8 --algorithm nsga2 --objectives accuracy,latency --population 10 --generations 4".Split(' '),
            "--reference", "20", "--latency-table", table,
        ];
        JsonObject free = Panda.Json(search).Json;
        double limit = free["best"]!.AsArray().Select(one => one!["latency_ms"]!.GetValue<double>()).Order().ElementAt(4);
        JsonObject limited = Panda.Json([.. search, "--max-latency-ms", limit.ToString("R", CultureInfo.InvariantCulture)]).Json;
        Assert.NotEmpty(limited["front"]!.AsArray());
        foreach (JsonNode? one in limited["best"]!.AsArray().Concat(limited["front"]!.AsArray()))
            Assert.True(one!["latency_ms"]!.GetValue<double>() <= limit);
        string inOnnx = world["onnx.json"];
        string[] onnx = [.. running, "--runtime", "onnx"];
        JsonObject second = Panda.Json(["latency", "--networks", "10", "--held-out", "5", "--out", inOnnx, .. onnx]).Json;
        Assert.Equal("onnx", second["conditions"]!["runtime"]!.GetValue<string>());
        Assert.True(Panda.Json(["latency", TrainedRun.Architectures[0], "--latency-table", inOnnx, .. onnx]).Json
            ["networks"]![0]!["predicted_ms"]!.GetValue<double>() > 0);
        Panda.Json(["latency", TrainedRun.Architectures[0], .. onnx, "--precision", "bfloat16"]).Refused(
            2, "--runtime is onnx, and exported models compute in float32");
        JsonObject byOnnx = Panda.Json([.. search[..^1], inOnnx, "--max-latency-ms", "1000"]).Json;
        Assert.NotEmpty(byOnnx["best"]!.AsArray());
        Panda.Json([.. search, "--max-latency-ms", "0.0000001"]).Refused(2, "at most 1E-07 ms of latency", "the fewest are");
    }
}
