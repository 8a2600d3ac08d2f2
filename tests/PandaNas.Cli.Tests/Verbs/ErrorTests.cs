using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>
/// Every wrong input: the golden text, the exit code, no stack trace, nothing on standard output, earlier files as they were.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class ErrorTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    private const int Failed = 1, Usage = 2, Data = 3;
    private const string DartsCell = "[('sep_conv_3x3', 0), ('skip_connect', 1)]";

    private static readonly string[] WithoutJson = ["verb-missing", "verb-unknown", "verb-of-data-unknown", "flag-without-value"];

    private static readonly Dictionary<string, (int Code, Func<TrainedRun, string[]> Arguments)> Cases = new()
    {
        // The command line itself.
        ["verb-missing"] = (Usage, _ => []),
        ["verb-unknown"] = (Usage, _ => ["trian"]),
        ["verb-of-data-unknown"] = (Usage, _ => ["data", "inspekt", "fashion-mnist-small"]),
        ["flag-unknown"] = (Usage, _ => ["train", "--epoch", "3"]),
        ["flag-of-another-verb"] = (Usage, w => ["rank", w.Run, "--epochs", "3"]),
        ["flag-twice"] = (Usage, _ => ["train", "--epochs", "3", "--epochs", "4"]),
        ["flag-without-value"] = (Usage, _ => ["train", "--epochs"]),
        ["argument-missing"] = (Usage, _ => ["rank"]),
        ["argument-too-many"] = (Usage, w => ["rank", w.Run, "more"]),
        ["number-of-a-verb-bad"] = (Usage, w => ["rank", w.Run, "--images", "many"]),
        ["algorithm-unknown"] = (Usage, w => ["search", w.Run, "--algorithm", "evolutoin"]),

        // Options.
        ["preset-unknown"] = (Usage, _ => ["train", "--preset", "nasbench201-cpi"]),
        ["method-unknown"] = (Usage, _ => ["train", "--method", "pandas"]),
        ["space-unknown"] = (Usage, _ => ["train", "--space", "nasbench202"]),
        ["format-unknown"] = (Usage, _ => ["train", "--data", "cifar:somewhere"]),
        ["format-without-path"] = (Usage, _ => ["train", "--data", "cifar10"]),
        ["protocol-unknown"] = (Usage, _ => ["train", "--protocol", "splitt"]),
        ["epochs-negative"] = (Usage, _ => ["train", "--epochs", "-1"]),
        ["epochs-0"] = (Usage, w => [.. Compare(w, w["new"]).Select((word, i) => i == 8 ? "0" : word)]),
        ["epochs-fraction"] = (Usage, _ => ["train", "--epochs", "1.5"]),
        ["batch-size-1"] = (Usage, _ => ["train", "--batch-size", "1"]),
        ["batch-size-above-images"] = (Usage, w => w.TrainArguments(w["new"], "--train-images", "7")),
        ["train-images-above-images"] = (Usage, w => w.TrainArguments(w["new"], "--train-images", "46")),
        ["validation-images-all"] = (Usage, w => ["train", "--data", w.Data, "--validation-images", "60", "--out", w["new"]]),
        ["learning-rate-0"] = (Usage, _ => ["train", "--learning-rate", "0"]),
        ["learning-rate-word"] = (Usage, _ => ["train", "--learning-rate", "high"]),
        ["momentum-nan"] = (Usage, _ => ["train", "--momentum", "NaN"]),
        ["seed-too-large"] = (Usage, _ => ["train", "--seed", "9223372036854775808"]),
        ["threads-negative"] = (Usage, _ => ["train", "--threads", "-1"]),
        ["switch-word"] = (Usage, _ => ["train", "--flip", "maybe"]),
        ["image-too-small"] = (Usage, w => w.TrainArguments(w["new"], "--image-size", "2")),
        ["device-unknown"] = (Usage, _ => ["train", "--device", "gpu"]),
        ["device-cuda"] = (Usage, w => w.TrainArguments(w["new"], "--device", "cuda:99")),
        ["out-empty"] = (Usage, _ => ["train", "--out", ""]),
        ["resume-without-out"] = (Usage, _ => ["train", "--resume"]),

        // YAML files.
        ["yaml-missing"] = (Data, w => ["train", "--config", w["none.yaml"]]),
        ["yaml-key-unknown"] = (Usage, w => ["train", "--config", w.Write("a.yaml", "# mine", "epochs: 2", "batchsize: 8")]),
        ["yaml-key-twice"] = (Usage, w => ["train", "--config", w.Write("b.yaml", "epochs: 2", "seed: 1", "epochs: 3")]),
        ["yaml-value-bad"] = (Usage, w => ["train", "--config", w.Write("c.yaml", "seed: 1", "epochs: none")]),
        ["yaml-nested"] = (Usage, w => ["train", "--config", w.Write("d.yaml", "train:", "  epochs: 2")]),
        ["yaml-deep"] = (Usage, w => ["train", "--config", w.Write("deep.yaml", "epochs: " + new string('[', 30_000))]),
        ["space-deep"] = (Data, w =>
            ["spaces", "--space", w.Write("deep-space.yaml", "name: " + string.Concat(Enumerable.Repeat("{a: ", 10_000)))]),
        ["yaml-list"] = (Usage, w => ["train", "--config", w.Write("e.yaml", "- epochs", "- seed")]),
        ["yaml-broken"] = (Usage, w => ["train", "--config", w.Write("f.yaml", "epochs: [2")]),

        // Images.
        ["images-missing"] = (Data, w => ["train", "--data", $"images:{w["none"]}", "--out", w["new"]]),
        ["idx-missing"] = (Data, w => ["data", "inspect", $"idx:{w["none"]}"]),
        ["idx-truncated"] = (Data, w => ["data", "inspect", DamagedImages(w)]),

        // Runs.
        ["out-holds-a-run"] = (Usage, w => w.TrainArguments(w.Run)),
        ["out-is-a-file"] = (Failed, w => w.TrainArguments(w.Write("file", "text"))),
        ["resume-with-other-epochs"] = (Usage, w => ["train", "--out", w.Run, "--resume", "--epochs", "9"]),
        ["resume-with-another-method"] = (Usage, w => ["train", "--out", w.Run, "--resume", "--method", "spos"]),
        ["resume-with-other-images"] = (Data, w =>
            ["train", "--out", w.Run, "--resume", "--data", TinyImages.Write(w["other-images"], seed: 1)]),
        ["run-missing"] = (Data, w => ["rank", w["none"]]),
        ["run-of-search-missing"] = (Data, w => ["search", w["none"]]),
        ["run-unfinished"] = (Data, w => ["rank", w.Copy("unfinished", run => File.Delete(Path.Combine(run, "weights.safetensors")))]),
        ["run-json-damaged"] = (Data, w => ["rank", w.Copy("no-facts", run => File.WriteAllText(Path.Combine(run, "run.json"), "{"))]),
        ["run-options-damaged"] = (Data, w =>
            ["rank", w.Copy("no-options", run => File.AppendAllText(Path.Combine(run, "options.yaml"), "sead: 3\n"))]),
        ["run-retrained-ranked"] = (Data, w => ["rank", Retrained(w, "retrained")]),
        ["weights-truncated"] = (Data, w => ["rank", w.Copy("short-weights", run => Truncate(Path.Combine(run, "weights.safetensors")))]),
        ["weights-altered"] = (Data, w => ["rank", w.Copy("altered-weights", run => Alter(Path.Combine(run, "weights.safetensors")))]),
        ["weights-empty"] = (Data, w =>
            ["search", w.Copy("empty-weights", run => File.WriteAllText(Path.Combine(run, "weights.safetensors"), ""))]),
        ["scores-damaged"] = (Data, w => ["rank", DamagedScores(w), "--architectures", "3", "--precision", "float32"]),
        ["checkpoint-truncated"] = (Data, w =>
            ["train", "--resume", "--out", w.Copy("short-checkpoint", run => Truncate(InCheckpoint(run, "tensors.safetensors")))]),
        ["checkpoint-altered"] = (Data, w =>
            ["train", "--resume", "--out", w.Copy("altered-checkpoint", run => Alter(InCheckpoint(run, "tensors.safetensors")))]),
        ["checkpoint-state-truncated"] = (Data, w =>
            ["train", "--resume", "--out", w.Copy("short-state", run => Truncate(InCheckpoint(run, "state.json")))]),

        // Architectures.
        ["architecture-of-another-space"] = (Usage, _ => ["cost", "--architecture", DartsCell]),
        ["architecture-operation-unknown"] = (Usage, _ =>
            ["cost", "--architecture", "|sep_conv_3x3~0|+|none~0|none~1|+|none~0|none~1|none~2|"]),
        ["architecture-edge-wrong"] = (Usage, w =>
            ["retrain", w.Run, "--out", w["new"], "--architecture", "|none~1|+|none~0|none~1|+|none~0|none~1|none~2|"]),
        ["architecture-missing"] = (Usage, w => ["retrain", w.Run, "--out", w["new"]]),
        ["architecture-best-without-run"] = (Usage, w => ["retrain", "--architecture", "best", "--out", w["new"]]),
        ["architecture-best-without-search"] = (Data, w => ["retrain", w.Run, "--architecture", "best", "--out", w["new"]]),
        ["architecture-line-wrong"] = (Data, w =>
            ["cost", "--architectures", w.Write("lines.txt", "# mine", TrainedRun.Architectures[0], "", DartsCell)]),
        ["architecture-file-empty"] = (Data, w => ["rank", w.Run, "--architectures", w.Write("empty.txt", "# none yet")]),
        ["architecture-file-missing"] = (Data, w => ["rank", w.Run, "--architectures", w["none.txt"]]),
        ["architectures-0"] = (Usage, w => ["rank", w.Run, "--architectures", "0"]),
        ["architectures-too-many"] = (Usage, w => ["rank", w.Run, "--architectures", "15626"]),
        ["cost-input-channels-too-many"] = (Usage, _ =>
            ["cost", "--architecture", TrainedRun.Architectures[0], "--image-size", "4096", "--input-channels", "2147483647"]),
        ["latency-classes-too-many"] = (Usage, _ => ["latency", TrainedRun.Architectures[0], "--classes", "2147483647"]),
        ["latency-images-too-large"] = (Usage, _ => ["latency", TrainedRun.Architectures[0], "--batch", "65536", "--image-size", "4096"]),
        ["data-side-too-large"] = (Usage, _ => ["data", "inspect", "fashion-mnist-small", "--image-size", "2147483647"]),
        ["variance-samples-too-many"] = (Usage, w => ["variance", w.Run, "--samples", "2147483647"]),
        ["path-with-escapes"] = (Data, w => ["data", "inspect", $"idx:{w["a\u001b[2J\nb"]}"]),
        ["path-empty"] = (Data, w => ["cost", "--architectures", ""]),
        ["path-of-a-device"] = (Data, w => ["cost", "--architectures", "/dev/zero"]),
        ["cost-of-nothing"] = (Usage, _ => ["cost"]),
        ["cost-classes-0"] = (Usage, _ => ["cost", "--architecture", TrainedRun.Architectures[0], "--classes", "0"]),

        // Ranking and search.
        ["images-too-many"] = (Usage, w => ["rank", w.Run, "--images", "16"]),
        ["images-negative"] = (Usage, w => ["search", w.Run, "--images", "-1"]),
        ["top-0"] = (Usage, w => ["search", w.Run, "--top", "0"]),
        ["distribution-unknown"] = (Usage, w => ["variance", w.Run, "--distributions", "uniform,pand"]),
        ["distribution-twice"] = (Usage, w => ["variance", w.Run, "--distributions", "pa,uniform,pa"]),
        ["variance-samples-few"] = (Usage, w => ["variance", w.Run, "--samples", "39"]),
        ["variance-run-missing"] = (Data, w => ["variance", w["none"]]),
        ["variance-without-checkpoint"] = (Data, w =>
            ["variance", w.Copy("no-checkpoint", run => Directory.Delete(Path.Combine(run, "checkpoints"), recursive: true))]),
        ["variance-checkpoint-altered"] = (Data, w =>
            ["variance", w.Copy("altered-variance", run => Alter(InCheckpoint(run, "tensors.safetensors")))]),
        ["schedule-unknown"] = (Usage, _ => ["train", "--path-schedule", "linar"]),
        ["confidence-above-1"] = (Usage, _ => ["train", "--data-confidence", "1.5"]),
        ["population-0"] = (Usage, w => ["search", w.Run, "--population", "0"]),
        ["limit-0"] = (Usage, w => ["search", w.Run, "--max-params", "0"]),
        ["limits-out-of-reach"] = (Usage, w => ["search", w.Run, "--max-params", "1"]),
        ["limits-together-out-of-reach"] = (Usage, w => ["search", w.Run, "--algorithm", "nsga2", "--max-params", "1", "--max-macs", "5"]),
        ["latency-limit-0"] = (Usage, w => ["search", w.Run, "--max-latency-ms", "0"]),
        ["latency-limit-without-table"] = (Usage, w => ["search", w.Run, "--max-latency-ms", "5"]),
        ["latency-objective-without-table"] = (Usage, w => ["search", w.Run, "--algorithm", "nsga2", "--objectives", "accuracy,latency"]),
        ["ranker-unknown"] = (Usage, w => ["rank", w.Run, "--ranker", "accuracy+jacof"]),
        ["ranker-weight-negative"] = (Usage, w => ["search", w.Run, "--ranker", "accuracy+-1*depth"]),
        ["ranker-without-supernet"] = (Usage, w => ["search", w.Train("untrained", "--epochs", "0"), "--ranker", "accuracy+depth"]),
        ["screen-without-supernet"] =
            (Usage, w => ["rank", w.Run, "--ranker", "live-params+depth", "--screen", "5:50%"]),
        ["labels-too-few"] = (Usage, w => ["search", w.Run, "--labels", "5"]),
        ["labels-above-admissible"] =
            (Usage, w => ["search", w.Run, "--labels", "300", "--label-scores", "none", "--max-params", "1240", "--reference", "10"]),
        ["label-epochs-without-labels"] = (Usage, w => ["search", w.Run, "--label-epochs", "5"]),
        ["label-scores-unknown"] = (Usage, w => ["search", w.Run, "--labels", "10", "--label-scores", "jacov+synflo"]),
        ["objectives-unknown"] = (Usage, w => ["search", w.Run, "--algorithm", "nsga2", "--objectives", "accuracy,flops"]),
        ["sample-too-large"] = (Usage, w => ["search", w.Run, "--algorithm", "regularized", "--sample", "2147483647"]),
        ["population-too-large"] = (Usage, w => ["search", w.Run, "--algorithm", "nsga2", "--population", "1000000", "--generations", "1"]),
        ["sample-0"] = (Usage, w => ["search", w.Run, "--algorithm", "regularized", "--sample", "0"]),
        ["latency-of-nothing"] = (Usage, _ => ["latency"]),
        ["latency-batch-0"] = (Usage, _ => ["latency", TrainedRun.Architectures[0], "--batch", "0"]),
        ["latency-networks-too-many"] = (Usage, w => ["latency", "--networks", "9000", "--held-out", "9000", "--out", w["table.json"]]),
        ["latency-table-missing"] = (Data, w => ["search", w.Run, "--max-latency-ms", "5", "--latency-table", w["none.json"]]),
        ["latency-table-damaged"] = (Data, w =>
        [
            "cost", "--architecture", TrainedRun.Architectures[0], "--latency-table",
            w.Write("table.json", "{\"format\": \"panda-latency-table\", \"version\": 9}"),
        ]),
        ["truth-missing"] = (Data, w => Rank(w, w["none.csv"])),
        ["truth-empty"] = (Data, w => Rank(w, w.Write("truth-empty.csv"))),
        ["truth-without-architectures"] = (Data, w => Rank(w, w.Write("truth-header.csv", "name,idx", "a,1"))),
        ["truth-row-missing"] = (Data, w => Rank(w, w.Write("truth-row.csv", ["architecture,idx", .. Rows().Skip(1)]))),
        ["truth-row-twice"] = (Data, w => Rank(w, w.Write("truth-twice.csv", ["architecture,idx", .. Rows(), Rows()[2]]))),
        ["truth-not-a-number"] = (Data, w =>
            Rank(w, w.Write("truth-word.csv", ["architecture,idx", .. Rows()[..3], $"{TrainedRun.Architectures[3]},good"]))),
        ["truth-nan"] = (Data, w =>
            Rank(w, w.Write("truth-nan.csv", ["architecture,idx", .. Rows()[..3], $"{TrainedRun.Architectures[3]},NaN"]))),
        ["truth-cell-missing"] = (Data, w =>
            Rank(w, w.Write("truth-cell.csv", ["architecture,idx", .. Rows()[..3], TrainedRun.Architectures[3]]))),
        ["truth-of-another-data-set"] = (Data, w => Rank(w, w.Write("truth-cifar10.csv", ["architecture,cifar10", .. Rows()]))),
        ["truth-column-of-another-data-set"] = (Data, w =>
            [.. Rank(w, w.Write("truth-both.csv", ["architecture,cifar10", .. Rows()])), "--truth-column", "cifar10"]),
        ["truth-column-missing"] = (Data, w =>
            [.. Rank(w, w.Write("truth-column.csv", ["architecture,idx", .. Rows()])), "--truth-column", "idy"]),
        ["truth-minimum-without-truth"] = (Usage, w => ["rank", w.Run, "--min-truth", "90"]),
        ["truth-minimum-too-high"] = (Usage, w =>
            [.. Rank(w, w.Write("truth-low.csv", ["architecture,idx", .. Rows()])), "--min-truth", "99.5"]),
        ["truth-minimum-word"] = (Usage, w => ["rank", w.Run, "--min-truth", "high"]),
        ["top-k-wrong"] = (Usage, w => ["rank", w.Run, "--top-k", "1,0,5%"]),
        ["compare-without-methods"] = (Usage, w => ["compare", "--data", w.Data, "--out", w["new"]]),
        ["compare-method-unknown"] = (Usage, _ => ["compare", "--methods", "spos,pandas"]),
        ["compare-method-twice"] = (Usage, _ => ["compare", "--methods", "spos,panda,spos"]),
        ["compare-seeds-wrong"] = (Usage, _ => ["compare", "--methods", "spos,panda", "--seeds", "0-2"]),
        ["compare-equal-unknown"] = (Usage, _ => ["compare", "--methods", "spos,panda", "--equal", "steps"]),
        ["compare-with-one-method-flag"] = (Usage, _ => ["compare", "--method", "spos"]),
        ["compare-folder-taken"] = (Usage, w => Compare(w, w.Run)),
        ["compare-resume-of-another-run"] = (Data, w => ["compare", "--out", w.Run, "--resume"]),
        ["compare-resume-with-other-methods"] = (Usage, w =>
            ["compare", "--out", Compared(w, "compared-1"), "--resume", "--methods", "spos"]),
        ["compare-resume-with-other-epochs"] = (Usage, w => ["compare", "--out", Compared(w, "compared-2"), "--resume", "--epochs", "9"]),
        ["compare-resume-with-another-truth-column"] = (Usage, w =>
            ["compare", "--out", Compared(w, "compared-3"), "--resume", "--truth-column", "idy"]),
        ["compare-resume-with-damaged-facts"] = (Data, w => ["compare", "--out", Damaged(w, "compared-4", "run.json"), "--resume"]),
        ["compare-resume-with-a-damaged-plan"] = (Data, w => ["compare", "--out", Damaged(w, "compared-5", "plan.json"), "--resume"]),
        ["compare-resume-with-a-damaged-ranking"] = (Data, w =>
            ["compare", "--out", Damaged(w, "compared-6", "rankings", "spos-seed0.json"), "--resume"]),
        ["compare-resume-with-damaged-predictions"] = (Data, w =>
            ["compare", "--out", Damaged(w, "compared-8", "rankings", "spos-seed0.csv"), "--resume"]),
        ["compare-truth-row-missing"] = (Data, w =>
            [.. Compare(w, w["new"]), "--truth", w.Write("truth-few.csv", ["architecture,idx", .. Rows()])]),
        ["compare-images-too-many"] = (Usage, w => [.. Compare(w, w["new"]), "--images", "16"]),
        ["compare-ranked"] = (Data, w => ["rank", Compared(w, "compared-7")]),

        // A model within a given time.
        ["auto-without-images"] = (Usage, _ => ["auto", "--minutes", "3"]),
        ["auto-minutes-0"] = (Usage, w => ["auto", w.Data, "--minutes", "0", "--out", w["new"]]),
        ["auto-folder-missing"] = (Data, w => ["auto", w["none", "photos"], "--out", w["new"]]),
        ["auto-folder-taken"] = (Usage, w => ["auto", w.Data, "--out", w.Run]),
        ["auto-resume-of-another-run"] = (Data, w => ["auto", "--out", w.Run, "--resume"]),
        ["auto-resume-of-nothing"] = (Usage, w => ["auto", "--out", w["new"], "--resume"]),

        ["stability-of-one"] = (Usage, w => ["stability", w.Run]),
        ["stability-of-the-same"] = (Usage, w => ["stability", w.Run, w["images", "..", "run"]]),
        ["stability-of-a-retrained"] = (Data, w => ["stability", w.Run, Retrained(w, "retrained-too"), "--architectures", "2"]),
    };

    public static TheoryData<string> Names => [.. Cases.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void ErrorIsTheGoldenOne(string name)
    {
        (int code, Func<TrainedRun, string[]> make) = Cases[name];
        string[] arguments = make(world);
        SortedDictionary<string, string> before = Contents();

        Outcome outcome = WithoutJson.Contains(name) ? Panda.Run(arguments) : Panda.Json(arguments);

        string error = outcome.Error.Replace(world.Root, "FOLDER", StringComparison.Ordinal);
        Golden.Matches($"errors/{name}", Regex.Replace(error, "(weights|images)-[0-9a-f]{16}", "$1-HASH"));
        outcome.Refused(code);
        Assert.Equal(before, Contents());
    }

    private static string[] Rows() => [.. TrainedRun.Architectures.Select((architecture, i) => $"{architecture},{90 - i}.5")];

    private static string[] Rank(TrainedRun world, string truth) =>
        ["rank", world.Run, "--architectures", world.Write("architectures.txt", TrainedRun.Architectures), "--truth", truth];

    private static string[] Compare(TrainedRun world, string folder) =>
    [
        "compare", "--data", world.Data,
        .. "--channels 2 --cells 1 --epochs 1 --batch-size 8 --threads 1 --validation-images 15".Split(' '),
        .. "--methods spos,panda --seeds 0 --architectures 3".Split(' '), "--out", folder,
    ];

    private static string InCheckpoint(string run, string file) => Path.Combine(run, "checkpoints", "000002-000000000", file);

    private static string Compared(TrainedRun world, string name)
    {
        string whole = world["compared"];
        if (!Directory.Exists(whole))
        {
            Outcome outcome = Panda.Run(Compare(world, whole));
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        Files.Copy(whole, world[name]);
        return world[name];
    }

    private static string Damaged(TrainedRun world, string name, params string[] file)
    {
        string folder = Compared(world, name);
        File.WriteAllText(Path.Combine([folder, .. file]), "{");
        return folder;
    }

    private static string DamagedImages(TrainedRun world)
    {
        string source = TinyImages.Write(world["short-images"]);
        Truncate(world["short-images", "train-images-idx3-ubyte"]);
        return source;
    }

    // The name of the file says the precision, which must not depend on the machine that tests.
    private static string DamagedScores(TrainedRun world)
    {
        string run = world.Copy("damaged-scores");
        Assert.Equal(0, Panda.Run("rank", run, "--architectures", "2", "--precision", "float32", "--ranker", "accuracy").Code);
        string scores = Assert.Single(Directory.GetFiles(Path.Combine(run, "scores")));
        File.AppendAllText(scores, "nonsense\n");
        return run;
    }

    private static string Retrained(TrainedRun world, string name)
    {
        Outcome outcome = Panda.Run(
            "retrain", world.Run, "--architecture", TrainedRun.Architectures[3], "--epochs", "1", "--batch-size", "8", "--out",
            world[name]);
        Assert.True(outcome.Code == 0, outcome.Error);
        return world[name];
    }

    private static void Truncate(string path)
    {
        using var stream = new FileStream(path, FileMode.Open);
        stream.SetLength(stream.Length - 40);
    }

    private static void Alter(string path)
    {
        byte[] content = File.ReadAllBytes(path);
        content[^1000] ^= 1;
        File.WriteAllBytes(path, content);
    }

    // What every file holds; the empty lock files and folders do not matter.
    private SortedDictionary<string, string> Contents() => new(
        Directory.GetFiles(world.Root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
            .Where(path => Path.GetFileName(path) != "lock")
            .ToDictionary(path => path, path => Convert.ToHexString(SHA256.HashData(File.ReadAllBytes(path)))), StringComparer.Ordinal);
}
