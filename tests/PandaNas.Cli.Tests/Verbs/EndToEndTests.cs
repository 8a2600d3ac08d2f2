using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>From images to a retrained architecture on a tiny data set, and what scripts may rely on.</summary>
[Collection(PandaCollection.Name)]
public sealed class EndToEndTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void EveryStageTakesWhatTheOneBeforeLeft()
    {
        string run = world["whole-way"], winner = world["winner"];
        JsonObject trained = Panda.Json(world.TrainArguments(run)).Json;
        Assert.Equal(run, Text(trained, "run"));
        Assert.Equal(2, Number(trained, "epochs"));
        Assert.True(Number(trained, "seconds") > 0);
        Assert.InRange(Number(trained, "validation_accuracy"), 0, 1);
        JsonObject probabilities = trained["path_probabilities"]!.AsObject();
        Assert.Equal(["avg_pool_3x3", "none", "nor_conv_1x1", "nor_conv_3x3", "skip_connect"], probabilities.Select(pair => pair.Key));
        Assert.Equal(1, probabilities.Sum(pair => pair.Value!.GetValue<double>()), 1e-9);

        JsonObject ranked = Panda.Json([.. RankFile(run), "--truth", Truth("idx")]).Json;
        Assert.Equal(TrainedRun.Architectures.Length, Number(ranked, "architectures"));
        Assert.Equal(TrainedRun.Architectures.Length, Number(ranked, "evaluated"));
        foreach (string key in (string[])["kendall_tau", "spearman"]) Assert.InRange(Number(ranked, key), -1, 1);
        Assert.InRange(Number(ranked, "precision_at_top5"), 0, 1);
        Assert.Equal(2, ranked["kendall_tau_ci95"]!.AsArray().Count);
        foreach (string control in (string[])["params", "macs"])
            Assert.InRange(Number(ranked["controls"]![control]!.AsObject(), "kendall_tau"), -1, 1);
        Assert.True(Number(ranked, "seconds") >= 0);

        const long MaxParams = 6000, MaxMacs = 100_000;
        JsonObject found = Panda.Json(
            "search", run, "--ranker", "accuracy", "--population", "8", "--generations", "3", "--max-params", Invariant(MaxParams),
            "--max-macs", Invariant(MaxMacs), "--top", "4").Json;
        Assert.InRange(Number(found, "evaluated"), 8, 24);
        JsonArray best = found["best"]!.AsArray();
        Assert.Equal(4, best.Count);
        Assert.All(best, one =>
        {
            Assert.InRange(Number(one!.AsObject(), "params"), 1, MaxParams);
            Assert.InRange(Number(one.AsObject(), "macs"), 1, MaxMacs);
        });
        double[] accuracies = [.. best.Select(one => Number(one!.AsObject(), "accuracy"))];
        Assert.Equal(accuracies.OrderDescending(), accuracies);

        JsonObject retrained =
            Panda.Json("retrain", run, "--architecture", "best", "--epochs", "2", "--batch-size", "8", "--out", winner).Json;
        string architecture = Text(retrained, "architecture");
        Assert.Equal(Text(best[0]!.AsObject(), "architecture"), architecture);
        Assert.InRange(Number(retrained, "test_accuracy"), 0, 1);
        Assert.Equal(winner, Text(retrained, "run"));
        Assert.True(File.Exists(Path.Combine(winner, "weights.safetensors")));

        string[] sizes = "--channels 2 --cells 1 --image-size 8 --classes 3 --input-channels 1".Split(' ');
        JsonObject cost = Panda.Json(["cost", "--architecture", architecture, .. sizes]).Json;
        Assert.Equal(Number(best[0]!.AsObject(), "params"), Number(cost, "params"));
        foreach (string key in (string[])["params", "macs", "live_params", "live_macs"])
            Assert.Equal(Number(retrained, key), Number(cost, key));

        Assert.Equal(0, Panda.Run("variance", run, "--samples", "40").Code);
        Assert.Equal(run, Files.Record<SupernetResult>(run, "train.json").Run);
        Assert.Equal(Number(ranked, "kendall_tau"), Files.Record<RankingResult>(run, "ranking.json").Quality!.KendallTau);
        Assert.Equal(architecture, Files.Record<SearchResult>(run, "search.json").Best.Architecture);
        Assert.Equal(4, Files.Record<VarianceResult>(run, "variance.json").GradientVariance.Length);
        Assert.Equal(Number(retrained, "test_accuracy"), Files.Record<RetrainingResult>(winner, "retrain.json").TestAccuracy);
    }

    [Fact]
    public void CostOfAFileIsCsv()
    {
        Outcome outcome = Panda.Run(
            "cost", "--architectures", world.Write("csv.txt", TrainedRun.Architectures), "--channels", "2", "--cells", "1");
        string[] lines = outcome.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((0, "architecture,params,macs", TrainedRun.Architectures.Length + 1), (outcome.Code, lines[0], lines.Length));
        Assert.All(lines.Skip(1).Zip(TrainedRun.Architectures), pair =>
        {
            string[] cells = pair.First.Split(',');
            JsonObject one = Panda.Json("cost", "--architecture", pair.Second, "--channels", "2", "--cells", "1").Json;
            Assert.Equal([pair.Second, Invariant((long)Number(one, "params")), Invariant((long)Number(one, "macs"))], cells);
        });
    }

    // Published: 1.531546 M parameters and 220.119690 M FLOPs, which count the classifier's 10 biases.
    [Theory]
    [InlineData("--channels", "16")]
    [InlineData("--preset", "nasbench201-paper")]
    public void CostIsThePublishedOne(string flag, string value)
    {
        JsonObject cost = Panda.Json(
            "cost", flag, value, "--architecture",
            "|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|nor_conv_3x3~0|nor_conv_3x3~1|nor_conv_3x3~2|").Json;
        Assert.Equal((1_531_546, 220_119_680), (Number(cost, "params"), Number(cost, "macs")));
    }

    [Theory]
    [InlineData("spos")]
    [InlineData("pa")]
    [InlineData("da")]
    [InlineData("panda")]
    public void EveryMethodTrainsAndGivesTheSameBytesForTheSameSeed(string method)
    {
        string one = world[$"{method}-1"], other = world[$"{method}-2"];
        JsonObject first = Panda.Json(world.TrainArguments(one, "--method", method, "--seed", "7")).Json;
        JsonObject second = Panda.Json(world.TrainArguments(other, "--method", method, "--seed", "7")).Json;

        Assert.Equal(method, Text(first, "method"));
        Assert.Equal(Files.Bytes(one, "weights.safetensors"), Files.Bytes(other, "weights.safetensors"));
        Assert.Equal(WithoutTimeAndPlace(first), WithoutTimeAndPlace(second));
        Assert.Equal(
            WithoutTimeAndPlace(Panda.Json("rank", one, "--architectures", "6", "--seed", "3", "--ranker", "accuracy").Json),
            WithoutTimeAndPlace(Panda.Json("rank", other, "--architectures", "6", "--seed", "3", "--ranker", "accuracy").Json));
        bool learnsPaths = method is "pa" or "panda";
        Assert.Equal(
            learnsPaths, first["path_probabilities"]!.AsObject().Select(pair => pair.Value!.GetValue<double>()).Distinct().Count() > 1);
    }

    [Fact]
    public void AnotherSeedGivesOtherWeights()
    {
        string other = world.Train("seed-1", "--seed", "1");
        Assert.NotEqual(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(other, "weights.safetensors"));
    }

    [Fact]
    public void WhatIsScoredOnceIsNotEvaluatedAgain()
    {
        string run = world.Copy("scored");
        JsonObject first = Panda.Json([.. RankFile(run), "--truth", Truth("idx")]).Json;
        JsonObject second = Panda.Json([.. RankFile(run), "--truth", Truth("idx")]).Json;
        Assert.Equal(TrainedRun.Architectures.Length, Number(first, "evaluated"));
        Assert.Equal(0, Number(second, "evaluated"));
        foreach (JsonObject report in (JsonObject[])[first, second]) report.Remove("evaluated");
        Assert.Equal(WithoutTimeAndPlace(first), WithoutTimeAndPlace(second));

        string[] search = ["search", run, "--algorithm", "random", "--evaluations", "12", "--seed", "5", "--ranker", "accuracy"];
        JsonObject found = Panda.Json(search).Json;
        string scores = Assert.Single(Directory.GetFiles(Path.Combine(run, "scores"), "*-seed5-*.csv"));
        byte[] before = File.ReadAllBytes(scores);
        Assert.Equal(WithoutTimeAndPlace(found), WithoutTimeAndPlace(Panda.Json(search).Json));
        Assert.Equal(before, File.ReadAllBytes(scores));
    }

    [Fact]
    public void ScreeningScoresFewImagesFirstAndSaysWhatItDid()
    {
        string run = world.Copy("screened");
        JsonObject report = Panda.Json([.. RankFile(run), "--truth", Truth("idx"), "--screen", "10:50%"]).Json;
        int all = TrainedRun.Architectures.Length, kept = (all + 1) / 2;
        Assert.Equal([all, kept], report["screening"]!["scored"]!.AsArray().Select(scored => scored!.GetValue<int>()));
        string[] lines = File.ReadAllLines(Path.Combine(run, "ranking.csv"));
        Assert.EndsWith(",images", lines[0], StringComparison.Ordinal);
        Assert.Equal(all - kept, lines.Count(line => line.EndsWith(",10", StringComparison.Ordinal)));
        Assert.Equal(2, Directory.GetFiles(Path.Combine(run, "scores")).Length);
    }

    [Fact]
    public void AHalfWrittenScoreIsDroppedAndMadeAnew()
    {
        string run = world.Copy("half-score");
        Assert.Equal(0, Panda.Run(RankFile(run)).Code);
        string scores = Assert.Single(Directory.GetFiles(Path.Combine(run, "scores")));
        byte[] whole = File.ReadAllBytes(scores);
        File.WriteAllBytes(scores, whole[..^5]);
        Assert.Equal(1, Number(Panda.Json(RankFile(run)).Json, "evaluated"));
        Assert.Equal(whole, File.ReadAllBytes(scores));
    }

    [Fact]
    public void TruthOfAnotherDataSetNeedsPermission()
    {
        string[] rank = [.. RankFile(world.Copy("mismatch")), "--truth", Truth("cifar10"), "--truth-column", "cifar10"];
        Panda.Json(rank).Refused(3, "--allow-mismatch");
        JsonObject report = Panda.Json([.. rank, "--allow-mismatch"]).Json;
        Assert.Equal("cifar10", Text(report, "truth_column"));
    }

    [Fact]
    public void ARankingCanBeRestrictedAndAskedForSeveralK()
    {
        string run = world.Copy("restricted");
        string truth = world.Write(
            "isomorphic.csv", ["architecture,idx", .. Isomorphic.Select((architecture, i) => $"{architecture},{91 - i}")]);
        string[] rank = ["rank", run, "--architectures", world.Write("isomorphic.txt", Isomorphic), "--truth", truth, "--reference", "20"];
        JsonObject all = Panda.Json([.. rank, "--top-k", "2,50%,9"]).Json;
        Assert.Equal(3, Number(all, "architectures"));
        Assert.Equal([2], all["at_k"]!.AsArray().Select(top => (int)Number(top!.AsObject(), "k")));
        foreach (string key in (string[])["best", "worst", "precision", "kendall_tau", "regret"])
            Assert.True(all["at_k"]![0]!.AsObject().ContainsKey(key), key);

        Assert.Equal(2, Number(Panda.Json([.. rank, "--unique"]).Json, "architectures"));
        Assert.Equal(2, Number(Panda.Json([.. rank, "--min-truth", "90"]).Json, "architectures"));
        Assert.Equal(1, Number(Panda.Json([.. rank, "--min-truth", "90", "--unique"]).Json, "architectures"));
    }

    [Fact]
    public void StabilityIsTheAgreementOfTheRankings()
    {
        string one = world.Copy("stable-0"), other = world.Train("stable-1", "--seed", "1"), same = world.Copy("stable-2");
        string[] stability = ["stability", one, other, same, "--architectures", "40"];
        JsonObject result = Panda.Json(stability).Json;
        Assert.Equal(40, Number(result, "architectures"));
        Assert.Equal([0, 1, 0], result["runs"]!.AsArray().Select(run => Number(run!.AsObject(), "seed")));
        JsonObject[] pairs = [.. result["pairs"]!.AsArray().Select(pair => pair!.AsObject())];
        Assert.Equal([one, one, other], pairs.Select(pair => pair["runs"]![0]!.GetValue<string>()));
        Assert.Equal([other, same, same], pairs.Select(pair => pair["runs"]![1]!.GetValue<string>()));
        double[] taus = [.. pairs.Select(pair => Number(pair["agreement"]!.AsObject(), "kendall_tau"))];
        Assert.Equal((1, taus[0]), (taus[1], taus[2]));
        Assert.InRange(taus[0], -1, 0.999);
        Assert.Equal(taus.Average(), Number(result, "mean_kendall_tau"), 1e-12);

        // The scores are those of rank, and are reused.
        Assert.Equal(0, Number(Panda.Json("rank", one, "--architectures", "40", "--ranker", "accuracy").Json, "evaluated"));
        Assert.All(Panda.Json(stability).Json["runs"]!.AsArray(), run => Assert.Equal(0, Number(run!.AsObject(), "evaluated")));
        Assert.Contains(other, Panda.Run(stability).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void FlagsWinOverTheFileAndTheFileOverThePreset()
    {
        string file = world.Write(
            "mine.yaml", "epochs: 2", "channels: 3", "image-size: 0", "validation-images: 15", "batch-size: 8", "threads: 1",
            "precision: float32", $"data: '{world.Data}'");
        string run = world["layers"];
        Outcome outcome = Panda.Run("train", "--preset", "nasbench201-cpu", "--config", file, "--channels", "2", "--out", run);
        Assert.True(outcome.Code == 0, outcome.Error);
        SupernetOptions options = RunDirectory.ReadOptions<SupernetOptions>(run, Catalog.Default);
        Assert.Equal((2, 2, 1, 8), (options.Channels, options.Epochs, options.Cells, options.BatchSize));
    }

    [Fact]
    public void TheOptionsOfARunTrainTheSameRunAgain()
    {
        string again = world["again"];
        Outcome outcome = Panda.Run("train", "--config", Path.Combine(world.Run, "options.yaml"), "--out", again);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(world.Run, "options.yaml"), Files.Bytes(again, "options.yaml"));
        Assert.Equal(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(again, "weights.safetensors"));
    }

    [Fact]
    public void TheOptionsOfARetrainingRetrainTheSameAgain()
    {
        string one = world["retrained-1"], other = world["retrained-2"];
        string[] retrain = ["retrain", world.Run, "--architecture", TrainedRun.Architectures[0], "--out"];
        Assert.Equal(0, Panda.Run([.. retrain, one, "--epochs", "1", "--batch-size", "9", "--cutout", "2"]).Code);
        Outcome outcome = Panda.Run([.. retrain, other, "--config", Path.Combine(one, "options.yaml")]);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(one, "options.yaml"), Files.Bytes(other, "options.yaml"));
        Assert.Equal(Files.Bytes(one, "weights.safetensors"), Files.Bytes(other, "weights.safetensors"));
    }

    [Fact]
    public void APresetGivesRetrainingItsSizesOnlyAndIsNoObstacleToResuming()
    {
        string run = world["by-preset"];
        string[] retrain =
        [
            "retrain", "--preset", "nasbench201-cpu", "--image-size", "0", "--data", world.Data, "--architecture",
            TrainedRun.Architectures[3],
            "--epochs", "1", "--batch-size", "8", "--threads", "1", "--precision", "float32", "--out", run,
        ];
        Assert.Equal(0, Panda.Run(retrain).Code);
        RetrainOptions options = RunDirectory.ReadOptions<RetrainOptions>(run, Catalog.Default);
        Assert.Equal((8, 1, new RetrainOptions().LearningRate), (options.Channels, options.Cells, options.LearningRate));
        Outcome again = Panda.Run([.. retrain, "--resume"]);
        Assert.True(again.Code == 0, again.Error);
    }

    [Fact]
    public void AFinishedRunResumedChangesNothing()
    {
        string run = world.Copy("finished");
        JsonObject result = Panda.Json("train", "--out", run, "--resume").Json;
        Assert.Equal(2, Number(result, "epochs"));
        foreach (string file in (string[])["weights.safetensors", "log.jsonl", "options.yaml"])
            Assert.Equal(Files.Bytes(world.Run, file), Files.Bytes(run, file));
    }

    [Fact]
    public void ATextForPeopleSaysWhereTheResultsAre()
    {
        string run = world.Copy("texts");
        Assert.Contains(run, Panda.Run(RankFile(run)).Output, StringComparison.Ordinal);
        Outcome search = Panda.Run("search", run, "--algorithm", "random", "--evaluations", "3", "--reference", "20");
        Assert.Contains($"panda retrain {run} --architecture best", search.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void DataInspectCountsTheImages()
    {
        JsonObject found = Panda.Json("data", "inspect", world.Data).Json;
        Assert.Equal((TinyImages.Train, TinyImages.Test), (Number(found, "train"), Number(found, "test")));
        Assert.Equal(TinyImages.Classes, found["classes"]!.AsArray().Count);
    }

    [Fact]
    public void QuickstartHasThePromisedKeys()
    {
        JsonObject json = JsonNode.Parse(JsonSerializer.Serialize(QuickstartTests.Result(0.5, 0.4, 0.6), RunJson.Options))!.AsObject();
        Assert.Equal(
            ["supernet", "search", "retrained", "random_baseline", "against_random", "seconds", "run"], json.Select(pair => pair.Key));
        Assert.Equal("a", Text(json["search"]!["best"]![0]!.AsObject(), "architecture"));
        Assert.Equal(0.4, Number(json["random_baseline"]![0]!.AsObject(), "test_accuracy"));
        Assert.Equal(0, Number(json["against_random"]!.AsObject(), "difference"), 1e-9);
    }

    // The first two differ only in an edge that leads nowhere.
    private static readonly string[] Isomorphic =
    [
        "|nor_conv_1x1~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|",
        "|nor_conv_3x3~0|+|none~0|none~1|+|nor_conv_3x3~0|none~1|none~2|",
        TrainedRun.Architectures[1],
    ];

    private string[] RankFile(string run) =>
        ["rank", run, "--ranker", "accuracy", "--architectures", world.Write("ranked.txt", TrainedRun.Architectures)];

    private string Truth(string column) =>
        world.Write(
            $"truth-{column}.csv",
            [$"architecture,{column}", .. TrainedRun.Architectures.Select((architecture, i) => $"{architecture},{90 + i % 3 - i}.25")]);

    private static string WithoutTimeAndPlace(JsonObject report)
    {
        foreach (string key in (string[])["seconds", "run"]) Assert.True(report.Remove(key));
        return report.ToJsonString();
    }

    private static double Number(JsonObject json, string key) => json[key]!.GetValue<double>();

    private static string Text(JsonObject json, string key) => json[key]!.GetValue<string>();

    private static string Invariant(long value) => value.ToString(CultureInfo.InvariantCulture);
}
