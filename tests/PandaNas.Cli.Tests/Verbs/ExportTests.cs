using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary><c>panda export</c> on tiny runs.</summary>
[Collection(PandaCollection.Name)]
public sealed class ExportTests(TrainedRun trained) : IClassFixture<TrainedRun>
{
    [Fact]
    public void ARetraining_IsExportedAndChecked()
    {
        string run = Retrained("winner"), file = trained["winner.onnx"];
        foreach (string preprocessing in (string[])["outside", "inside"])
        {
            JsonNode result = Json("export", run, "--preprocessing", preprocessing, "--fold-norms", "false", "--out", file, "--json");
            Assert.Equal(("test images", new FileInfo(file).Length), ((string)result["checked_on"]!, (long)result["bytes"]!));
            Assert.InRange((double)result["agreement"]!["largest_difference"]!, 0, 1e-4);
            Assert.Equal((int)result["agreement"]!["images"]!, (int)result["agreement"]!["same_classes"]!);
            Assert.Equal((double)result["agreement"]!["accuracy"]!, (double)result["agreement"]!["accuracy_in_torch"]!);
        }
        Outcome named = Panda.Run("export", run);
        Assert.Equal((0, true), (named.Code, File.Exists(Path.Combine(run, "model.onnx"))));
        Assert.Contains("ONNX Runtime agrees on", named.Output, StringComparison.Ordinal);
        JsonNode small = Json("export", run, "--int8", "--out", trained["small.onnx"], "--json");
        Assert.True((bool)small["onnx"]!["int8"]!);
        Assert.InRange((double)small["agreement"]!["accuracy"]!, 0, 1);
        Outcome weights = Panda.Run("export", run, "--format", "safetensors", "--out", trained["winner.safetensors"]);
        Assert.Equal((0, true), (weights.Code, File.Exists(trained["winner.safetensors"])));
    }

    [Fact]
    public void AnArchitectureOfASupernet_SaysWhatItsStatisticsDo()
    {
        string candidate = TrainedRun.Architectures[0];
        JsonNode result = Json("export", trained.Run, "--architecture", candidate, "--out", trained["candidate.onnx"], "--json");
        Assert.True((int)result["statistics"]!["batches"]! > 0);
        Assert.InRange((double)result["statistics"]!["accuracy"]!, 0, 1);
        Assert.InRange((double)result["agreement"]!["largest_difference"]!, 0, 1e-4);
    }

    [Fact]
    public void WhatCannotBeExported_IsRefusedAndNothingIsWritten()
    {
        string file = trained["none.onnx"], run = Retrained("damaged");
        Refused(2, "architecture is missing", "export", trained.Run, "--out", file);
        Refused(2, "is no supernet", "export", run, "--architecture", "best", "--out", file);
        Refused(2, "for --format onnx", "export", run, "--format", "safetensors", "--fold-norms", "true", "--out", file);
        Refused(2, "for --format onnx", "export", run, "--format", "safetensors", "--int8", "--out", file);
        Refused(2, "--int8 folds batch norms", "export", run, "--int8", "--fold-norms", "false", "--out", file);
        Refused(3, "is not the folder of a run", "export", trained.Root, "--out", file);
        Refused(1, "cannot write", "export", run, "--out", trained["nowhere", "model.onnx"]);
        File.WriteAllText(Path.Combine(run, "weights.safetensors"), "no weights");
        Refused(3, "weights.safetensors", "export", run, "--out", file);
        File.Delete(Path.Combine(run, "model.json"));
        Refused(3, "not finished", "export", run, "--out", file);
        Assert.Empty(Directory.GetFiles(trained.Root, "*none.onnx*", new EnumerationOptions { AttributesToSkip = 0 }));
    }

    [Fact]
    public void WithoutItsImages_AModelIsCheckedOnRandomOnes()
    {
        string run = Retrained("alone", "--data", $"idx:{Moved("images-of-alone")}");
        Directory.Move(trained["images-of-alone"], trained["images-elsewhere"]);
        JsonNode result = Json("export", run, "--out", trained["alone.onnx"], "--json");
        Assert.Equal("random images", (string)result["checked_on"]!);
        Assert.Null(result["agreement"]!["accuracy"]);
        string none = trained["none-of-alone.onnx"];
        Refused(3, "--int8 finds its scales on training images", "export", run, "--int8", "--out", none);
        Assert.False(File.Exists(none));
    }

    private string Moved(string name)
    {
        Files.Copy(trained["images"], trained[name]);
        return trained[name];
    }

    private string Retrained(string name, params string[] more)
    {
        string[] data = more.Length > 0 ? more : ["--data", trained.Data];
        Outcome outcome = Panda.Run(
        [
            "retrain", "--architecture", TrainedRun.Architectures[0], "--out", trained[name], .. data,
            .. "--channels 2 --cells 1 --epochs 1 --batch-size 8 --threads 1 --precision float32".Split(' '),
        ]);
        Assert.True(outcome.Code == 0, outcome.Error);
        return trained[name];
    }

    private static JsonNode Json(params string[] arguments)
    {
        Outcome outcome = Panda.Run(arguments);
        Assert.True(outcome.Code == 0, outcome.Error);
        return JsonNode.Parse(outcome.Output)!;
    }

    private static void Refused(int code, string words, params string[] arguments)
    {
        Outcome outcome = Panda.Run(arguments);
        Assert.Equal((code, ""), (outcome.Code, outcome.Output));
        Assert.Contains(words, outcome.Error, StringComparison.Ordinal);
    }
}
