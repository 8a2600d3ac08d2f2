using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Networks without a supernet: known ones, scaled to a limit, and an accuracy on images held out of training.</summary>
[Collection(PandaCollection.Name)]
public sealed class RetrainAloneTests : IDisposable
{
    private const string Known = "conv_3x3-skip-conv_3x3-skip-skip-mobile_3x3-skip-skip-conv_3x3_half-skip-skip";

    private readonly TemporaryFolder _folder = new();
    private readonly string[] _sizes =
    [
        "--space", "residual", "--width-multiplier", "0.3", "--image-size", "16", "--data", "fashion-mnist-small",
        "--train-images", "60", "--threads", "1", "--precision", "float32",
    ];

    [Fact]
    public void WithTheOptionsOfARun_ItGivesTheSameBitsAsFromTheRun()
    {
        string run = _folder["run"], fromRun = _folder["from-run"], alone = _folder["alone"];
        string[] training = ["--architecture", Known, "--epochs", "2", "--batch-size", "8", "--train-images", "60"];
        Assert.Equal(
            0, Panda.Run(["train", .. _sizes, "--seed", "3", "--epochs", "1", "--batch-size", "8", "--validation-images", "20",
                "--out", run]).Code);
        JsonObject one = Panda.Json(["retrain", run, .. training, "--out", fromRun]).Json;
        JsonObject other = Panda.Json(["retrain", .. _sizes, "--seed", "3", .. training.SkipLast(2), "--out", alone]).Json;
        Assert.Equal(one["test_accuracy"]!.GetValue<double>(), other["test_accuracy"]!.GetValue<double>());
        Assert.Null(other["validation_accuracy"]);
        Assert.Equal(
            File.ReadAllBytes(Path.Combine(fromRun, "weights.safetensors")), File.ReadAllBytes(Path.Combine(alone, "weights.safetensors")));
        // Found, ranked and searched as any space.
        Assert.Equal(5, Panda.Json("rank", run, "--architectures", "5").Json["architectures"]!.GetValue<int>());
        JsonObject found = Panda.Json(
            "search", run, "--population", "4", "--generations", "2", "--max-params", "20000", "--ranker", "live-macs+depth").Json;
        Assert.InRange(found["best"]![0]!["params"]!.GetValue<long>(), 1, 20_000);
    }

    [Fact]
    public void ImagesHeldOut_DoNotTrain_AndSayAnAccuracy()
    {
        string[] retrain = ["retrain", .. _sizes, "--architecture", Known, "--epochs", "1", "--batch-size", "8"];
        JsonObject result = Panda.Json([.. retrain, "--hold-out", "20", "--out", _folder["held"]]).Json;
        Assert.InRange(result["validation_accuracy"]!.GetValue<double>(), 0, 1);
        Assert.Equal(
            (60, 20), (result["setup"]!["train_images"]!.GetValue<int>(), result["setup"]!["ranking_images"]!.GetValue<int>()));
        Assert.Equal(0, Panda.Json("retrain", "--out", _folder["held"], "--resume").Code);
        Outcome text = Panda.Run("retrain", "--out", _folder["held"], "--resume");
        Assert.Contains("on 20 images held out of training", text.Output, StringComparison.Ordinal);
        Panda.Json([.. retrain, "--hold-out", "100000", "--out", _folder["all"]]).Refused(2, "--hold-out is 100000", "training images");
    }

    [Fact]
    public void Cost_FindsTheWidestNetworkUnderALimit()
    {
        string[] cost = ["cost", "--space", "residual", "--architecture", Known];
        JsonObject found = Panda.Json([.. cost, "--max-params", "60000"]).Json;
        string multiplier = found["width_multiplier"]!.ToJsonString();
        Assert.InRange(found["params"]!.GetValue<long>(), 51_000, 60_000);
        Assert.Equal(
            found["params"]!.GetValue<long>(),
            Panda.Json([.. cost, "--width-multiplier", multiplier]).Json["params"]!.GetValue<long>());
        Assert.Contains(
            $"--width-multiplier {multiplier}, the largest", Panda.Run([.. cost, "--max-params", "60000"]).Output,
            StringComparison.Ordinal);
        Panda.Json([.. cost, "--max-params", "1000"]).Refused(2, "max-params is 1000", "narrowest network");
        Panda.Json([.. cost, "--max-params", "60000", "--width-multiplier", "0.5"]).Refused(2, "leave one of them out");
        Panda.Json("cost", "--space", "residual", "--architectures", "mine.txt", "--max-params", "60000").Refused(2, "--architecture TEXT");
    }

    public void Dispose() => _folder.Dispose();
}
