using System.Text;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>What a run's folder holds is whole and the run's own, or the command is refused before it writes anything.</summary>
[Collection(PandaCollection.Name)]
public sealed class RunFolderTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void InterruptedBeforeItsOptionsAreStored_ItNamesNoRunToContinue()
    {
        string run = world["not-begun"];
        using StringWriter output = new(), error = new();
        Assert.Equal(130, Panda.Run(world.TrainArguments(run), output, error, new CancellationToken(true)));
        Assert.Contains("give the same command again", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("--resume", error.ToString(), StringComparison.Ordinal);
        Assert.False(RunDirectory.Exists(run));
    }

    [Fact]
    public void ChangedHeldOutImages_AreRefusedWhereverTheyScore()
    {
        string folder = world["held-out"], data = TinyImages.Write(folder), run = world["of-held-out"], other = world["of-other-images"];
        Assert.Equal(0, Panda.Run(TrainOn(data, run)).Code);
        Assert.Equal(0, Panda.Run("rank", run, "--architectures", "3", "--ranker", "accuracy").Code);
        byte[] ranking = Files.Bytes(run, "ranking.csv");

        // One image after the other, until it is one of the fifteen that were held out.
        string images = Path.Combine(folder, "train-images-idx3-ubyte");
        byte[] whole = File.ReadAllBytes(images);
        Outcome outcome = Panda.Json("rank", run, "--architectures", "3", "--ranker", "accuracy");
        for (int image = 0; image < TinyImages.Train && !outcome.Error.Contains("validation images", StringComparison.Ordinal); image++)
        {
            File.WriteAllBytes(images, WithOtherPixel(whole, image));
            outcome = Panda.Json("rank", run, "--architectures", "3", "--ranker", "accuracy");
            outcome.Refused(3, "images of", run, "restore them");
        }
        outcome.Refused(3, "the validation images of");
        Panda.Json("search", run).Refused(3, "the validation images of");
        Panda.Json("train", "--out", run, "--resume").Refused(3, "the validation images of");
        Assert.Equal(ranking, Files.Bytes(run, "ranking.csv"));

        // Where all else is the same, the name of the scores tells the images apart.
        Assert.Equal(0, Panda.Run(TrainOn(data, other)).Code);
        Assert.Equal(0, Panda.Run("rank", other, "--architectures", "3", "--ranker", "accuracy").Code);
        string[] names =
        [
            .. ((string[])[run, other]).Select(place => Path.GetFileName(Assert.Single(Directory.GetFiles(Path.Combine(place, "scores")))))
        ];
        Assert.All(names, name => Assert.StartsWith("accuracy-on-15-validation-images-seed0-", name, StringComparison.Ordinal));
        Assert.Equal(2, names.Select(name => name[name.IndexOf("-images-", 30, StringComparison.Ordinal)..]).Distinct().Count());
    }

    [Fact]
    public void ChangedTestImages_AreRefusedByReleasedRankingAndByRetraining()
    {
        string folder = world["tested"], data = TinyImages.Write(folder), run = world["released"], winner = world["winner"];
        Assert.Equal(0, Panda.Run([.. TrainOn(data, run), "--protocol", "released"]).Code);
        string[] retrain =
            ["retrain", run, "--architecture", TrainedRun.Architectures[3], "--epochs", "1", "--batch-size", "8", "--out", winner];
        Assert.Equal(0, Panda.Run(retrain).Code);
        byte[] result = Files.Bytes(winner, "retrain.json");

        string images = Path.Combine(folder, "t10k-images-idx3-ubyte");
        File.WriteAllBytes(images, WithOtherPixel(File.ReadAllBytes(images), 7));
        Panda.Json("rank", run, "--architectures", "3", "--ranker", "accuracy").Refused(3, "the test images of", run);
        Panda.Json("retrain", "--out", winner, "--resume").Refused(3, "the test images of", winner);
        Assert.Equal(result, Files.Bytes(winner, "retrain.json"));
    }

    public static TheoryData<string, string, string> ChangedRecords => new()
    {
        { "options.yaml", "cut", "it has no 'learning-rate'" },
        { "options.yaml", "edited", "learning-rate is '0.5'; the run was started with '0.05'" },
        { "options.yaml", "key added", "it has a key 'gamma'" },
        { "options.yaml", "missing", "options.yaml' does not exist" },
        { "options.yaml", "no yaml", "options.yaml" },
        { "run.json", "cut", "run.json" },
        { "run.json", "edited", "its contents do not fit its 'sha256'" },
        { "run.json", "unsealed", "it has no 'sha256'" },
        { "run.json", "key twice", "run.json" },
    };

    [Theory]
    [MemberData(nameof(ChangedRecords))]
    public void AChangedRecord_IsRefusedByNameBeforeAnyWork(string file, string change, string words)
    {
        string run = world.Copy($"{file}-{change}");
        string path = Path.Combine(run, file), text = File.ReadAllText(path);
        int rate = text.IndexOf("learning-rate", StringComparison.Ordinal);
        string changed = change switch
        {
            "cut" => text[..rate],
            "edited" => text.Replace(
                file == "run.json" ? "\"learning-rate\": \"0.05\"" : "learning-rate: 0.05",
                file == "run.json" ? "\"learning-rate\": \"0.5\"" : "learning-rate: 0.5", StringComparison.Ordinal),
            "key added" => text + "gamma: 1\n",
            "no yaml" => "a: [",
            "unsealed" => text.Replace("\"sha256\"", "\"sha255\"", StringComparison.Ordinal),
            "key twice" => text.Replace("{\n", "{\n\"kind\": \"supernet\",", StringComparison.Ordinal),
            _ => "",
        };
        Assert.NotEqual(text, changed);
        if (change == "missing") File.Delete(path);
        else File.WriteAllText(path, changed);
        byte[] weights = Files.Bytes(run, "weights.safetensors");
        string[][] verbs =
        [
            ["train", "--out", run, "--resume"], ["rank", run], ["variance", run],
            ["retrain", run, "--architecture", TrainedRun.Architectures[0], "--out", world["none"]],
        ];
        foreach (string[] arguments in verbs)
            Panda.Json(arguments).Refused(3, path, words);
        Assert.Equal(weights, Files.Bytes(run, "weights.safetensors"));
        Assert.False(Directory.Exists(world["none"]));
    }

    [Fact]
    public void OptionsThatChangedAfterTheyWereCompared_AreRefusedUnderTheLock()
    {
        string run = world.Copy("raced");
        SupernetOptions options = RunDirectory.ReadOptions<SupernetOptions>(run, Catalog.Default) with { LearningRate = 0.5 };
        var error = Assert.Throws<BadOptionException>(() => SupernetExperiment.Train(options, run, resume: true, RunContext.Quiet));
        Assert.Contains("LearningRate is 0.5", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("run.json")]
    [InlineData("options.yaml")]
    [InlineData("log.jsonl")]
    [InlineData("metrics.csv")]
    [InlineData("weights.safetensors")]
    [InlineData("train.json")]
    [InlineData("checkpoints")]
    public void ANewRun_RefusesAnyPartOfARunAndWritesNothing(string part)
    {
        string folder = world.Copy($"part-{part}", copy =>
        {
            foreach (string entry in Directory.GetFileSystemEntries(copy).Where(entry => Path.GetFileName(entry) != part))
                if (Directory.Exists(entry)) Directory.Delete(entry, recursive: true);
                else File.Delete(entry);
        });
        string[] before = Contents(folder);
        Panda.Json([.. world.TrainArguments(folder), "--seed", "77"]).Refused(2, folder, "--out");
        Panda.Json("retrain", world.Run, "--architecture", TrainedRun.Architectures[0], "--out", folder).Refused(2, folder, "--out");
        Assert.Equal(before, Contents(folder));
        // A process that is killed before the run begins leaves options at most.
        if (part == "options.yaml") Assert.Equal(0, Panda.Run([.. world.TrainArguments(folder), "--resume"]).Code);
        else Panda.Json([.. world.TrainArguments(folder), "--resume"]).Refused(3, folder);
    }

    [Fact]
    public void WithoutItsOptions_ARunIsNotTrainedAnew()
    {
        string run = world.Copy("without-options", copy => File.Delete(Path.Combine(copy, "options.yaml")));
        string[] before = Contents(run);
        Panda.Json([.. world.TrainArguments(run), "--seed", "77"]).Refused(2, run);
        Assert.Equal(before, Contents(run));
    }

    [Fact]
    public void OnlyTemporaryFilesOfThisRunGo()
    {
        string run = world.Copy("leftovers"), elsewhere = world["elsewhere"];
        const string Name = ".weights.panda-1-0123abcd.tmp";
        Directory.CreateDirectory(Path.Combine(run, "scores"));
        Directory.CreateDirectory(elsewhere);
        string[] ours =
            [Path.Combine(run, Name), Path.Combine(run, "scores", Name), Path.Combine(run, "checkpoints", Name, "tensors.safetensors")];
        string[] foreign =
        [
            Path.Combine(run, ".thesis.tmp"), Path.Combine(run, ".weights.1.tmp"), Path.Combine(run, "notes", Name), Path.Combine(
                run, "inner-run", "checkpoints", Name),
            Path.Combine(elsewhere, Name),
        ];
        foreach (string path in ours.Concat(foreign))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "half");
        }
        Directory.CreateSymbolicLink(Path.Combine(run, "rankings"), elsewhere);

        // A command that is refused touches nothing.
        Panda.Json(world.TrainArguments(run)).Refused(2, run);
        Panda.Json("train", "--out", run, "--resume", "--epochs", "9").Refused(2, "epochs");
        Panda.Json("rank", run, "--data", TinyImages.Write(world["images-of-others"], seed: 1)).Refused(3, "images of");
        Assert.All(ours.Concat(foreign), path => Assert.True(File.Exists(path), path));

        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume").Code);
        Assert.All(ours, path => Assert.False(File.Exists(path), path));
        Assert.All(foreign, path => Assert.True(File.Exists(path), path));
    }

    [Fact]
    public void RemovingTheLock_StopsTheRunBeforeItWritesAgain()
    {
        string run = world["unlocked"];
        Outcome outcome = RunWith(() => File.Delete(Path.Combine(run, "lock")), world.TrainArguments(run, "--epochs", "30"));
        outcome.Refused(1, run, "'lock' was removed", "--resume");
        Assert.Empty(Files.LoggedEpochs(run));
        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume", "--json").Code);
        Assert.Equal(Enumerable.Range(1, 30), Files.LoggedEpochs(run));
    }

    [Fact]
    public void ReplacingTheFolder_StopsTheRun_AndItGoesOnWhereItWasMovedTo()
    {
        string run = world["replaced"], moved = world["moved"];
        Outcome outcome = RunWith(
            () =>
            {
                Directory.Move(run, moved);
                Directory.CreateDirectory(run);
            },
            world.TrainArguments(run));
        outcome.Refused(1, run, $"was moved to '{moved}'", "--resume");
        Assert.Empty(Directory.GetFileSystemEntries(run));
        Assert.Equal(0, Panda.Run("train", "--out", moved, "--resume").Code);
        Assert.Equal(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(moved, "weights.safetensors"));
    }

    [Theory]
    [InlineData("missing", "log.jsonl")]
    [InlineData("damaged", "line 1")]
    [InlineData("key twice", "line 2")]
    [InlineData("epoch missing", "epoch 2 is where that of epoch 1 is expected")]
    [InlineData("cut in the middle", "it has the records of 1 epochs, but 2 are trained")]
    public void ADamagedLog_IsRefusedBeforeAnyWork(string damage, string words)
    {
        string run = world.Copy($"log-{damage}", copy =>
        {
            string path = Path.Combine(copy, "log.jsonl");
            string[] lines = File.ReadAllLines(path);
            if (damage == "missing") File.Delete(path);
            else File.WriteAllText(path, damage switch
            {
                "damaged" => $"{lines[0][..40]}\n{lines[1]}\n",
                "key twice" => $"{lines[0]}\n{{\"epoch\":2,{lines[1][1..]}\n",
                "epoch missing" => $"{lines[1]}\n",
                _ => $"{lines[0]}\n{lines[1][..40]}",
            });
        });
        foreach (string result in (string[])["train.json", "weights.safetensors"]) File.Delete(Path.Combine(run, result));
        Panda.Json("train", "--out", run, "--resume").Refused(3, Path.Combine(run, "log.jsonl"), words);
        Assert.False(File.Exists(Path.Combine(run, "weights.safetensors")));
    }

    [Fact]
    public void ALogWithoutItsLastLineBreak_IsMended()
    {
        string run = world.Copy("log-unended"), path = Path.Combine(run, "log.jsonl");
        byte[] whole = File.ReadAllBytes(path);
        File.WriteAllBytes(path, whole[..^1]);
        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume").Code);
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    // Half a line of a killed process, another's edits, lines without end: the log alone says what happened.
    [Theory]
    [InlineData(-20)]
    [InlineData(400)]
    [InlineData(0)]
    public void AnyMetrics_BecomeThoseOfTheLogWhenTheRunIsContinued(int change)
    {
        string run = world.Copy($"metrics{change}"), path = Path.Combine(run, "metrics.csv");
        byte[] whole = File.ReadAllBytes(path);
        byte[] changed = change < 0 ? whole[..^-change] : [.. whole, .. new byte[change]];
        File.Delete(path);
        if (change != 0) File.WriteAllBytes(path, changed);
        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume").Code);
        Assert.Equal(whole, File.ReadAllBytes(path));
    }

    [Fact]
    public void ADivergedTraining_KeepsAndNamesTheLastGoodCheckpoint()
    {
        string run = world["diverged"];
        Outcome outcome = Panda.Json(world.TrainArguments(
            run, "--epochs", "12", "--learning-rate", "100", "--clip-norm", "0", "--weight-decay", "1", "--momentum", "0.999"));
        string last = Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal).Last();
        outcome.Refused(1, "training diverged", $"The last good checkpoint is '{last}'");
        Assert.False(File.Exists(Path.Combine(run, "weights.safetensors")));
    }

    [Theory]
    [InlineData("{\"best\": []}")]
    [InlineData("{\"best\": [null]}")]
    [InlineData("{\"best\": [{}]}")]
    [InlineData("{\"best\": [{\"architecture\": \"\"}]}")]
    [InlineData("{\"best\": [{\"architecture\": \"nonsense\"}]}")]
    [InlineData("[]")]
    public void ASearchResultThatIsNotTheSearchs_IsBadData(string text)
    {
        string run = world.Copy(
            $"search-{text.GetHashCode(StringComparison.Ordinal)}", copy => File.WriteAllText(Path.Combine(copy, "search.json"), text));
        Panda.Json("retrain", run, "--architecture", "best", "--out", world["none"]).Refused(
            3, Path.Combine(run, "search.json"), $"panda search {run}");
    }

    [Fact]
    public void EmptyNamesOfRuns_AreWrongUsage()
    {
        Panda.Json("stability", "", "").Refused(2, "names no folder");
        foreach (string verb in (string[])["rank", "search", "variance"]) Panda.Json(verb, "").Refused(2, "names no folder");
    }

    [Fact]
    public void AChangedPlan_IsRefusedBeforeAnyTraining()
    {
        string folder = world["planned"];
        string[] arguments = Comparison.Arguments(
            world.Data, Comparison.Truth(world["truth.csv"]), folder, "--methods", "spos", "--seeds", "0", "--epochs", "1");
        Assert.Equal(0, Panda.Run(arguments).Code);
        string plan = Path.Combine(folder, "plan.json"), log = Path.Combine(folder, "spos-seed0", "log.jsonl");
        string text = File.ReadAllText(plan);
        File.WriteAllText(plan, text.Replace("\"epochs\": 1", "\"epochs\": 900", StringComparison.Ordinal));
        Panda.Json("compare", "--out", folder, "--resume").Refused(3, plan, "do not fit its 'sha256'");
        File.WriteAllText(plan, text);

        // Nor is it found out only after hours of other runs that one of them is damaged.
        File.Delete(Path.Combine(folder, "rankings", "spos-seed0.json"));
        File.WriteAllText(log, "{\n");
        Panda.Json("compare", "--out", folder, "--resume").Refused(3, log, "line 1");
    }

    private string[] TrainOn(string data, string run) =>
        [.. world.TrainArguments(run, "--epochs", "1").Select(argument => argument == world.Data ? data : argument)];

    private static byte[] WithOtherPixel(byte[] images, int image)
    {
        byte[] changed = [.. images];
        changed[16 + 64 * image] ^= 255;
        return changed;
    }

    private static string[] Contents(string folder) =>
        [.. Directory.GetFileSystemEntries(folder, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Order(StringComparer.Ordinal).Select(path => File.Exists(path) ? $"{path} {Convert.ToHexString(File.ReadAllBytes(path))}" : path)];

    // Does something when the first step of the training has been reported.
    private static Outcome RunWith(Action action, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new ActingWriter(action);
        int code = Panda.Run([.. arguments, "--json"], output, error, TestContext.Current.CancellationToken);
        return new Outcome(code, output.ToString(), error.ToString());
    }

    private sealed class ActingWriter(Action action) : StringWriter
    {
        private bool _acted;

        public override Encoding Encoding => Encoding.UTF8;

        public override void WriteLine(string? value)
        {
            base.WriteLine(value);
            if (_acted || value?.StartsWith("train supernet", StringComparison.Ordinal) != true) return;
            _acted = true;
            action();
        }
    }
}
