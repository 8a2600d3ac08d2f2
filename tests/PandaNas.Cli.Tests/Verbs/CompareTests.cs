using System.Text.Json.Nodes;
using PandaNas.Experiments.Comparisons;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>Comparisons end to end on the tiny data set.</summary>
[Collection(PandaCollection.Name)]
public sealed class CompareTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data, _truth;

    public CompareTests()
    {
        _data = TinyImages.Write(_folder["images"]);
        _truth = Comparison.Truth(_folder["truth.csv"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheTableIsThatOfTrainingAndRankingByHand()
    {
        string folder = _folder["compared"];
        JsonObject result = Panda.Json(Arguments(folder)).Json;
        JsonObject[] rows = [.. result["rows"]!.AsArray().Select(row => row!.AsObject())];
        Assert.Equal(["spos", "panda", "live_macs", "live_params", "macs", "params"], rows.Select(row => row["name"]!.GetValue<string>()));
        Assert.Equal((4, 4), (result["runs_done"]!.GetValue<int>(), result["runs_planned"]!.GetValue<int>()));

        foreach ((string method, JsonObject row) in new[] { ("spos", rows[0]), ("panda", rows[1]) })
        {
            JsonObject[] reports = [.. Enumerable.Range(0, 2).Select(seed => TrainAndRank(method, seed))];
            foreach (string measure in (string[])["kendall_tau", "spearman", "regret_top1"])
                Assert.Equal(
                    reports.Average(report => report[measure]!.GetValue<double>()), row["measures"]![measure]!["mean"]!.GetValue<double>(),
                    1e-12);
            Assert.Equal(
                reports[0]["controls"]!["params"]!["kendall_tau"]!.GetValue<double>(),
                rows[5]["measures"]!["kendall_tau"]!["mean"]!.GetValue<double>());
            Assert.Equal(Stability(method), row["stability"]!["mean"]!.GetValue<double>(), 1e-12);
            // 45 images in batches of 8 are 6 steps.
            Assert.Equal((2, 12), (row["epochs"]!.GetValue<int>(), row["passes"]!.GetValue<int>()));
            Assert.Equal(
                Files.Bytes(_folder[$"{method}-1"], "weights.safetensors"), Files.Bytes(folder, $"{method}-seed1", "weights.safetensors"));
        }
        JsonArray interval = rows[1]["measures"]!["kendall_tau"]!["difference"]!["ci95"]!.AsArray();
        Assert.True(interval[0]!.GetValue<double>() < interval[1]!.GetValue<double>());
        Assert.Equal(Panda.Json("compare", "--out", folder, "--resume").Output, File.ReadAllText(Path.Combine(folder, "comparison.json")));
        Assert.StartsWith(
            File.ReadAllText(Path.Combine(folder, "comparison.txt")), Panda.Run("compare", "--out", folder, "--resume").Output,
            StringComparison.Ordinal);
        Assert.Contains("| spos ", File.ReadAllText(Path.Combine(folder, "comparison.md")), StringComparison.Ordinal);
        Assert.StartsWith("name,control,", File.ReadAllText(Path.Combine(folder, "comparison.csv")), StringComparison.Ordinal);
        ComparisonResult record = Files.Record<ComparisonResult>(folder, "comparison.json");
        Assert.Equal(rows[1]["measures"]!["kendall_tau"]!["mean"]!.GetValue<double>(), record.Rows[1].Measures["kendall_tau"].Mean);
    }

    [Fact]
    public void WhatIsDoneIsNotDoneAgain()
    {
        string folder = _folder["compared"];
        JsonObject first = Panda.Json(Arguments(folder)).Json;
        // Ranked otherwise by hand, which the comparison must not take for its own ranking.
        Assert.Equal(0, Panda.Run("rank", Path.Combine(folder, "spos-seed0"), "--architectures", "5", "--reference", "20").Code);
        File.Delete(Path.Combine(folder, "rankings", "panda-seed1.json"));
        Dictionary<string, DateTime> before = Times(folder);

        Outcome again = Panda.Json([.. Arguments(folder), "--resume"]);
        Assert.Equal(first.ToJsonString(), again.Json.ToJsonString());
        Assert.Contains("run 4 of 4", again.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("train supernet", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, Times(folder));
    }

    [Fact]
    public void RunsOfSeveralComparisonsMakeOneTable()
    {
        string whole = _folder["whole"], together = _folder["together"];
        string table = Panda.Json(Arguments(whole)).Output;
        foreach (string seed in (string[])["1", "0"])
        {
            string part = _folder[$"part-{seed}"];
            Assert.Equal(0, Panda.Run(Arguments(part, "--seeds", seed)).Code);
            foreach (string run in (string[])[$"spos-seed{seed}", $"panda-seed{seed}", "rankings"])
                Files.Copy(Path.Combine(part, run), Path.Combine(together, run));
        }
        Outcome resumed = Panda.Json([.. Arguments(together), "--resume"]);
        Assert.Equal(Comparison.WithoutTimeAndPlace(table), Comparison.WithoutTimeAndPlace(resumed.Output));
        Assert.DoesNotContain("train supernet", resumed.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void ARunOfOtherOptionsIsNotTakenForOneOfTheComparison()
    {
        string folder = _folder["compared"];
        Assert.Equal(0, Panda.Run(Train("spos", 0, Path.Combine(folder, "spos-seed0"), "--epochs", "3")).Code);
        Panda.Json(Arguments(folder)).Refused(3, Path.Combine(folder, "spos-seed0"), "another epochs", "delete that folder");
        Directory.Delete(Path.Combine(folder, "spos-seed0"), recursive: true);

        // Of the same options it is.
        Assert.Equal(0, Panda.Run(Train("spos", 0, Path.Combine(folder, "spos-seed0"))).Code);
        Outcome outcome = Panda.Json([.. Arguments(folder), "--resume"]);
        Assert.Equal(0, outcome.Code);
        Assert.DoesNotContain("spos seed 0, run 1 of 4: train supernet", outcome.Error, StringComparison.Ordinal);
    }

    // Whether bfloat16 will do depends on the weights, and so on the seed.
    [Fact]
    public void ThePrecisionIsChosenOnceForAllRuns()
    {
        string folder = _folder["compared"];
        string[] arguments = Arguments(folder, "--precision", "auto");
        Assert.Equal(0, Panda.Run(arguments).Code);
        string[] precisions =
        [
            .. Directory.GetFiles(folder, "options.yaml", SearchOption.AllDirectories)
                .SelectMany(File.ReadAllLines)
                .Where(line => line.StartsWith("precision: ", StringComparison.Ordinal))
        ];
        Assert.Equal(5, precisions.Length);
        Assert.NotEqual("precision: auto", Assert.Single(precisions.Distinct()));

        File.Delete(Path.Combine(folder, "rankings", "spos-seed1.json"));
        Outcome again = Panda.Run("compare", "--out", folder, "--resume");
        Assert.True(again.Code == 0, again.Error);
    }

    [Fact]
    public void AnotherTruthOrOtherArchitecturesAreRefusedButAMovedTruthIsNot()
    {
        string folder = _folder["compared"], list = _folder["list.txt"];
        File.WriteAllLines(list, TrainedRun.Architectures);
        string[] arguments = Arguments(folder, "--architectures", list);
        Assert.Equal(0, Panda.Run(arguments).Code);
        string moved = _folder["moved.csv"];
        File.Move(_truth, moved);
        Assert.Equal(0, Panda.Run("compare", "--out", folder, "--resume", "--truth", moved).Code);

        File.WriteAllLines(list, TrainedRun.Architectures.Reverse());
        Panda.Json("compare", "--out", folder, "--resume", "--truth", moved).Refused(3, "architectures or true accuracies", folder);
        File.WriteAllLines(list, TrainedRun.Architectures);
        string[] lines = File.ReadAllLines(moved);
        int at = Array.FindIndex(lines, line => line.StartsWith(TrainedRun.Architectures[0], StringComparison.Ordinal));
        lines[at] = $"{TrainedRun.Architectures[0]},12.5";
        File.WriteAllLines(moved, lines);
        Panda.Json("compare", "--out", folder, "--resume", "--truth", moved).Refused(3, "architectures or true accuracies", moved);
    }

    [Fact]
    public void EqualPassesTrainDearMethodsForFewerEpochs()
    {
        string[] options = "--methods fairnas,spos,sumnas --equal passes --epochs 10 --seeds 0".Split(' ');
        JsonObject result = Panda.Json(Arguments(_folder["compared"], options)).Json;
        // Five paths per step, of which sumnas takes two passes each: 6 steps per epoch.
        (string Name, int Epochs, int PassesPerStep, int Passes)[] expected =
            [("fairnas", 2, 5, 60), ("spos", 10, 1, 60), ("sumnas", 1, 10, 60)];
        Assert.Equal(expected, result["rows"]!.AsArray().Take(3).Select(row =>
            ((string)row!["name"]!, (int)row["epochs"]!, (int)row["passes_per_step"]!, (int)row["passes"]!)));
    }

    [Fact]
    public void EqualSecondsMeasureOnceAndKeepThePlan()
    {
        string folder = _folder["compared"];
        string[] arguments = Arguments(folder, "--equal", "seconds", "--seeds", "0", "--epochs", "3");
        JsonObject result = Panda.Json(arguments).Json;
        string plan = File.ReadAllText(Path.Combine(folder, "plan.json"));
        JsonArray methods = JsonNode.Parse(plan)!["methods"]!.AsArray();
        Assert.Equal(3, methods[0]!["epochs"]!.GetValue<int>());
        int epochs = methods[1]!["epochs"]!.GetValue<int>();
        Assert.Equal(epochs, Files.LoggedEpochs(Path.Combine(folder, "panda-seed0")).Count);
        Assert.Equal(epochs, result["rows"]![1]!["epochs"]!.GetValue<int>());
        Assert.Equal(2, Files.LoggedEpochs(Path.Combine(folder, "pilots", "panda")).Count);
        Assert.Equal(0, Panda.Run([.. arguments, "--resume"]).Code);
        Assert.Equal(plan, File.ReadAllText(Path.Combine(folder, "plan.json")));
    }

    [Fact]
    public void WithoutATruthTheTableSaysSo()
    {
        string folder = _folder["compared"];
        string[] arguments = [.. Arguments(folder, "--seeds", "4")];
        int truth = Array.IndexOf(arguments, "--truth");
        Outcome outcome = Panda.Run([.. arguments[..truth], .. arguments[(truth + 2)..]]);
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Contains("no truth", outcome.Output.ReplaceLineEndings(" "), StringComparison.Ordinal);
        Assert.Contains("One seed", outcome.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("control", outcome.Output, StringComparison.Ordinal);
    }

    private string[] Arguments(string folder, params string[] more) => Comparison.Arguments(_data, _truth, folder, more);

    private string[] Train(string method, int seed, string run, params string[] more) =>
    [
        "train", "--data", _data, "--channels", "2", "--cells", "1", "--batch-size", "8", "--threads", "1", "--validation-images", "15",
        "--precision", "float32", "--method", method, "--seed", $"{seed}", "--out", run, .. more.Length > 0 ? more : ["--epochs", "2"],
    ];

    private JsonObject TrainAndRank(string method, int seed)
    {
        string run = _folder[$"{method}-{seed}"];
        Assert.Equal(0, Panda.Run(Train(method, seed, run)).Code);
        return Panda.Json("rank", run, "--architectures", "12", "--truth", _truth, "--ranker", "accuracy").Json;
    }

    private double Stability(string method) =>
        Panda.Json("stability", _folder[$"{method}-0"], _folder[$"{method}-1"], "--architectures", "12")
            .Json["mean_kendall_tau"]!.GetValue<double>();

    // When what takes long was written.
    private static Dictionary<string, DateTime> Times(string folder) =>
        Directory.GetFiles(folder, "*", SearchOption.AllDirectories)
            .Where(path => path.EndsWith(".safetensors", StringComparison.Ordinal) || path.Contains("scores", StringComparison.Ordinal))
            .ToDictionary(path => path, File.GetLastWriteTimeUtc);
}
