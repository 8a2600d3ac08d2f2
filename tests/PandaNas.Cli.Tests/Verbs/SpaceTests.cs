using System.Globalization;
using System.Text.Json.Nodes;
using PandaNas.Spaces;
using PandaNas.Supernets.Darts;
using PandaNas.Supernets.ProxylessNas;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Every verb in every space that is not the default one: from images to a retrained architecture on a tiny data set.</summary>
[Collection(PandaCollection.Name)]
public sealed class SpaceTests : IDisposable
{
    private const string Mobile =
        "k5e3-k3e3-skip-skip-k7e3-k3e3-k5e3-k5e3-k7e6-k5e3-k5e3-k5e3-k5e6-k5e3-k5e3-k5e3-k7e6-k7e6-k7e3-k7e3-k7e6";

    private readonly TemporaryFolder _folder = new();

    [Theory]
    [InlineData("darts", "--channels", "4", "--cells", "3", "--drop-path", "0.2")]
    [InlineData("proxylessnas", "--widths", "4,4,4,4,6,6,4,6,8", "--stem", "small", "--label-smoothing", "0.1")]
    public void EveryStageTakesWhatTheOneBeforeLeft(string space, params string[] sizes)
    {
        string data = TinyImages.Write(_folder["images"]), run = _folder["run"], winner = _folder["winner"];
        string[] supernetSizes = [.. sizes.Take(4)];
        string[] common = ["--space", space, "--data", data, "--batch-size", "8", "--threads", "1", "--precision", "float32"];
        string[] train = ["--epochs", "2", "--validation-images", "15", "--method", "panda", "--out", run];
        JsonObject trained = Panda.Json(["train", .. common, .. supernetSizes, .. train]).Json;
        Assert.Equal(7, trained["path_probabilities"]!.AsObject().Count);
        Assert.Equal(1, trained["path_probabilities"]!.AsObject().Sum(pair => pair.Value!.GetValue<double>()), 1e-9);

        JsonObject found = Panda.Json("search", run, "--population", "5", "--generations", "2", "--top", "5").Json;
        string[] architectures = [.. found["best"]!.AsArray().Select(one => one!["architecture"]!.GetValue<string>())];
        Assert.Equal(5, architectures.Distinct().Count());

        File.WriteAllLines(_folder["ranked.txt"], architectures);
        var rows = architectures.Select((one, i) => string.Create(CultureInfo.InvariantCulture, $"\"{one}\",{90 - i}.5"));
        File.WriteAllLines(_folder["truth.csv"], ["architecture,idx", .. rows]);
        JsonObject ranked = Panda.Json("rank", run, "--architectures", _folder["ranked.txt"], "--truth", _folder["truth.csv"]).Json;
        // The search has scored them, on the same images.
        Assert.Equal(0, ranked["evaluated"]!.GetValue<int>());
        Assert.InRange(ranked["kendall_tau"]!.GetValue<double>(), -1, 1);
        Assert.Contains(architectures[0], File.ReadAllText(Path.Combine(run, "ranking.csv")), StringComparison.Ordinal);

        string[] retrain = "--architecture best --epochs 2 --batch-size 8 --average-decay 0.9 --exempt-norms --warm-up-epochs 1".Split(' ');
        JsonObject retrained = Panda.Json(["retrain", run, .. retrain, .. sizes, "--out", winner]).Json;
        Assert.Equal(architectures[0], retrained["architecture"]!.GetValue<string>());
        string[] images = "--image-size 8 --classes 3 --input-channels 1".Split(' ');
        JsonObject cost = Panda.Json(["cost", "--space", space, .. supernetSizes, "--architecture", architectures[0], .. images]).Json;
        foreach (string key in (string[])["params", "macs"]) Assert.Equal(retrained[key]!.GetValue<long>(), cost[key]!.GetValue<long>());
    }

    [Theory]
    [InlineData("darts", "--channels", "4", "--cells", "3")]
    [InlineData("proxylessnas", "--widths", "4,4,4,4,6,6,4,6,8", "--stem", "small")]
    public void SupernetsAreComparedAndMeasured(string space, params string[] sizes)
    {
        string data = TinyImages.Write(_folder["images"]), folder = _folder["compared"], truth = _folder["truth.csv"];
        SearchSpace searched = space == "darts" ? DartsSpace.Instance : ProxylessNasSpace.Instance;
        string[] architectures = [.. Enumerable.Range(0, 4).Select(i => searched.Format(searched.At(i * (searched.Size / 4))))];
        File.WriteAllLines(_folder["ranked.txt"], architectures);
        File.WriteAllLines(truth, ["architecture,idx", .. architectures.Select((one, i) => $"\"{one}\",{90 - i}")]);

        string[] compare =
        [
            "compare", "--space", space, .. sizes, "--data", data, "--batch-size", "8", "--threads", "1", "--precision", "float32",
            "--validation-images", "15", "--epochs", "1",
            "--methods", "spos,panda-edge", "--seeds", "0,1", "--architectures", _folder["ranked.txt"], "--truth", truth, "--out", folder,
        ];
        JsonObject compared = Panda.Json(compare).Json;
        Assert.Equal(4, compared["runs_done"]!.GetValue<int>());
        JsonNode row = compared["rows"]![1]!;
        Assert.InRange(row["measures"]!["validation_accuracy"]!["mean"]!.GetValue<double>(), 0, 1);

        string[] runs = [Path.Combine(folder, "panda-edge-seed0"), Path.Combine(folder, "panda-edge-seed1")];
        JsonObject stable = Panda.Json(["stability", .. runs, "--architectures", _folder["ranked.txt"]]).Json;
        // Undefined where a hardly trained supernet finds all of them equally good.
        Assert.Equal(row["stability"]?["mean"]!.GetValue<double>(), stable["mean_kendall_tau"]?.GetValue<double>());
        JsonObject variance = Panda.Json("variance", runs[0], "--samples", "40", "--distributions", "uniform,panda").Json;
        Assert.All(
            variance["gradient_variance"]!.AsArray(), pair => Assert.True(pair!["raw"]!["total"]!["variance"]!.GetValue<double>() > 0));
    }

    [Fact]
    public void RankingTwiceGivesTheSameScoresAfterCalibration()
    {
        string data = TinyImages.Write(_folder["images"]), run = _folder["run"];
        Outcome trained = Panda.Run(
            "train", "--space", "proxylessnas", "--widths", "4,4,4,4,6,6,4,6,8", "--data", data, "--batch-size", "8", "--threads", "1",
            "--precision", "float32", "--epochs", "1",
            "--validation-images", "15", "--bn-calibration-batches", "3", "--out", run);
        Assert.True(trained.Code == 0, trained.Error);
        Assert.Equal(0, Panda.Run("rank", run, "--architectures", "4").Code);
        byte[] first = File.ReadAllBytes(Path.Combine(run, "ranking.csv"));
        Directory.Delete(Path.Combine(run, "scores"), recursive: true);
        Assert.Equal(0, Panda.Run("rank", run, "--architectures", "4").Code);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(run, "ranking.csv")));
    }

    [Fact]
    public void SpacesAreListedWithSizeAndChoices()
    {
        JsonArray spaces = Panda.Json("spaces").Json["spaces"]!.AsArray();
        Assert.Equal(["nasbench201", "darts", "proxylessnas", "residual"], spaces.Select(space => space!["name"]!.GetValue<string>()));
        Assert.Equal(
            ["15625", "1076746950455072400", "221502229807900608", "1245197016"],
            spaces.Select(space => space!["architectures"]!.GetValue<string>()));
        Assert.Equal([6, 22, 21, 11], spaces.Select(space => space!["choices"]!.AsArray().Count));
        Outcome text = Panda.Run("spaces");
        Assert.Equal(0, text.Code);
        foreach (string part in (string[])["15,625", "1.1e+18", "2.2e+17", "Genotype(normal=[", "k3e3-k3e3-"])
            Assert.Contains(part, text.Output, StringComparison.Ordinal);
    }

    // Cai et al. 2019: 320 M multiply-adds.
    [Fact]
    public void CostOfTheMobileNetworkIsThePublishedOne()
    {
        JsonObject cost = Panda.Json(
            "cost", "--space", "proxylessnas", "--widths", "32,16,32,40,80,96,192,320,1280", "--image-size", "224", "--classes", "1000",
            "--architecture", Mobile).Json;
        Assert.Equal((4_080_512, 320_427_584), (cost["params"]!.GetValue<long>(), cost["macs"]!.GetValue<long>()));
    }

    [Theory]
    [InlineData(
        "nasbench201 has no auxiliary head", "retrain", "--auxiliary-weight", "0.4", "--architecture",
        "|none~0|+|none~0|none~1|+|none~0|none~1|none~2|")]
    [InlineData("proxylessnas has widths of its own", "train", "--space", "proxylessnas", "--channels", "16")]
    [InlineData("darts has no widths of its own", "train", "--space", "darts", "--width-multiplier", "0.5")]
    [InlineData("expects 9 numbers", "train", "--space", "proxylessnas", "--widths", "16,8")]
    [InlineData("expects a multiple of 4 pixels", "train", "--space", "darts", "--image-size", "6")]
    [InlineData("auxiliary head needs 32 pixels", "retrain", "--space", "darts", "--auxiliary-weight", "0.4", "--architecture", "EXAMPLE")]
    [InlineData("has only 2 epochs", "train", "--epochs", "2", "--warm-up-epochs", "2")]
    public void WhatASpaceDoesNotHaveIsRefused(string message, params string[] arguments)
    {
        string example = Panda.Json("spaces").Json["spaces"]![1]!["example"]!.GetValue<string>();
        string data = TinyImages.Write(_folder["images"]);
        string[] given =
        [
            .. arguments.Select(argument => argument == "EXAMPLE" ? example : argument),
            "--data", data, "--batch-size", "8", "--out", _folder["new"],
        ];
        Panda.Json(given).Refused(2, message);
    }

    public void Dispose() => _folder.Dispose();
}
