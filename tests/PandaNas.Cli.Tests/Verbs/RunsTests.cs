using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary><c>panda runs</c> tells how runs stand, and deletes nothing that is not theirs.</summary>
[Collection(PandaCollection.Name)]
public sealed class RunsTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void ListTellsHowEveryRunStands()
    {
        string place = world["listed"];
        world.Copy("listed/done");
        world.Copy("listed/deeper/interrupted", run =>
        {
            File.Delete(Path.Combine(run, "train.json"));
            string log = Path.Combine(run, "log.jsonl");
            File.WriteAllLines(log, File.ReadLines(log).Take(1).ToArray());
        });
        world.Copy("listed/damaged", run => File.AppendAllText(Path.Combine(run, "train.json"), "x"));
        world.Copy("listed/cut", run => File.WriteAllText(Path.Combine(run, "log.jsonl"), ""));
        world.Copy("listed/headless", run => File.Delete(Path.Combine(run, "run.json")));
        world.Copy("listed/.hidden");
        Directory.CreateDirectory(Path.Combine(place, "photos", "cats"));
        Directory.CreateSymbolicLink(Path.Combine(place, "linked"), world.Run);

        JsonArray runs = Panda.Json("runs", place).Json["runs"]!.AsArray();

        Assert.Equal(
            ["cut damaged", "damaged damaged", "deeper/interrupted interrupted", "done done", "headless damaged"],
            runs.Select(run => $"{Path.GetRelativePath(place, run!["run"]!.ToString())} {run["state"]}"));
        JsonNode done = runs[3]!, interrupted = runs[2]!;
        Assert.Equal(
            Panda.Json("train", "--out", world.Run, "--resume").Json["validation_accuracy"]!.GetValue<double>(),
            done["figures"]![0]!["value"]!.GetValue<double>());
        Assert.Equal(("2", "2", "1"), ($"{done["planned"]}", $"{done["done"]}", $"{interrupted["done"]}"));
        Assert.Equal(
            Directory.GetFiles(Path.Combine(place, "done"), "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length),
            done["bytes"]!.GetValue<long>());
        Assert.Contains("train.json", runs[1]!["problem"]!.ToString(), StringComparison.Ordinal);
        string text = Panda.Run("runs", place).Output;
        Assert.Contains("deeper/interrupted", text, StringComparison.Ordinal);
        Assert.DoesNotContain("linked", text, StringComparison.Ordinal);
    }

    [Fact]
    public void RunningRunIsNamedSo_AndIsNotDeleted()
    {
        string run = world.Copy("running");
        using var held = Runtime.Files.FolderLock.Take(run);

        Assert.Equal("running", Panda.Json("runs", "show", run).Json["summary"]!["state"]!.ToString());
        Panda.Json("runs", "delete", run, "--yes").Refused(1, "a process is writing into", run);
        Assert.True(File.Exists(Path.Combine(run, "weights.safetensors")));
    }

    // Who asks shares the lock for a moment. Far more often than any page or list asks:
    [Fact]
    public async Task AskingWhetherARunIsWritten_DisturbsNobodyWhoBegins()
    {
        string run = world.Copy("probed");
        using var stop = new CancellationTokenSource();
        int asked = 0;
        Task asking = Task.Run(async () =>
        {
            for (; !stop.IsCancellationRequested; await Task.Delay(1, CancellationToken.None))
                if (!Runtime.Files.FolderLock.IsHeldElsewhere(run)) asked++;
        }, TestContext.Current.CancellationToken);
        for (int taken = 0; taken < 300 || Volatile.Read(ref asked) < 20; taken++) Runtime.Files.FolderLock.Take(run).Dispose();
        await stop.CancelAsync();
        await asking;
        Assert.False(Runtime.Files.FolderLock.IsHeldElsewhere(run));
    }

    [Fact]
    public void DeletingTakesWhatIsOfTheRun_AndNothingElse()
    {
        string run = world.Copy("doomed"), outside = world["outside"];
        Directory.CreateDirectory(outside);
        File.WriteAllText(Path.Combine(outside, "kept.csv"), "kept");
        Assert.Equal(0, Panda.Run("rank", run, "--architectures", "3", "--reference", "20").Code);
        File.WriteAllText(Path.Combine(run, "notes.txt"), "mine");
        File.WriteAllText(Path.Combine(run, "checkpoints", "mine.txt"), "mine");
        Directory.CreateDirectory(Path.Combine(run, "000001-000000001"));
        Directory.CreateSymbolicLink(Path.Combine(run, "rankings"), outside);
        File.CreateSymbolicLink(Path.Combine(run, "scores", "linked.csv"), Path.Combine(outside, "kept.csv"));

        JsonNode deleted = Panda.Json("runs", "delete", run, "--yes").Json["deleted"]![0]!;

        Assert.Equal(
            ["000001-000000001", "checkpoints", "notes.txt", "rankings", "scores"],
            deleted["left"]!.AsArray().Select(name => name!.ToString()));
        Assert.Equal(
            ["checkpoints/mine.txt", "notes.txt", "rankings/kept.csv", "scores/linked.csv"],
            Directory.GetFiles(run, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(run, path)).Order());
        Assert.Equal("kept", File.ReadAllText(Path.Combine(outside, "kept.csv")));
        // It is no run any more.
        Panda.Json("runs", "delete", run, "--yes").Refused(3, "is not the folder of a run");
    }

    [Fact]
    public void DeletingAComparisonTakesItsRuns_AndNoOther()
    {
        string folder = world["compared"];
        string[] arguments = Comparison.Arguments(
            world.Data, Comparison.Truth(world["deleted-truth.csv"]), folder, "--methods", "spos,panda", "--seeds", "0", "--epochs", "1");
        Assert.Equal(0, Panda.Run(arguments).Code);
        Files.Copy(world.Run, Path.Combine(folder, "another"));
        JsonArray runs = Panda.Json("runs", folder).Json["runs"]!.AsArray();
        Assert.Equal(["done", "done", "done", "done"], runs.Select(run => run!["state"]!.ToString()));
        Assert.Equal(("2", "2"), ($"{runs[0]!["done"]}", $"{runs[0]!["planned"]}"));

        using (new Runtime.Files.FileClaims(Path.Combine(folder, "claims"), TimeProvider.System).TryTake("spos-seed0"))
        {
            Assert.Equal("running", Panda.Json("runs", "show", folder).Json["summary"]!["state"]!.ToString());
            Panda.Json("runs", "delete", folder, "--yes").Refused(1, "a process is writing into", folder);
        }
        Assert.Equal("done", Panda.Json("runs", "show", folder).Json["summary"]!["state"]!.ToString());
        using (Runtime.Files.FolderLock.Take(Path.Combine(folder, "spos-seed0")))
            Panda.Json("runs", "delete", folder, "--yes").Refused(1, "another process is writing into", "spos-seed0");
        Assert.True(File.Exists(Path.Combine(folder, "panda-seed0", "weights.safetensors")));

        Assert.Equal(
            ["another"],
            Panda.Json("runs", "delete", folder, "--yes").Json["deleted"]![0]!["left"]!.AsArray().Select(name => name!.ToString()));
        Assert.True(File.Exists(Path.Combine(folder, "another", "weights.safetensors")));
    }

    [Fact]
    public void DeletingAsks()
    {
        string run = world.Copy("asked");
        Panda.Json("runs", "delete", run).Refused(2, "nobody answered", "--yes");
        Assert.Contains("Nothing was deleted.", Answer("n", run).Output, StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(run, "run.json")));
        Assert.Contains($"Deleted {run}", Answer("y", run).Output, StringComparison.Ordinal);
        Assert.False(Directory.Exists(run));
    }

    [Fact]
    public void WhatIsNoRunOfOursIsNotDeleted()
    {
        string foreign = world["foreign"], link = world["link-to-run"], damaged = world.Copy("damaged-facts");
        Directory.CreateDirectory(foreign);
        File.WriteAllText(Path.Combine(foreign, "run.json"), "{\"kind\": \"supernet\"}");
        File.WriteAllText(Path.Combine(foreign, "log.jsonl"), "");
        File.AppendAllText(Path.Combine(damaged, "run.json"), "x");
        Directory.CreateSymbolicLink(link, world.Run);

        Panda.Json("runs", "delete", foreign, "--yes").Refused(3, "cannot be told to be a run of ours", "sha256");
        Panda.Json("runs", "delete", damaged, "--yes").Refused(3, "cannot be told to be a run of ours", "run.json");
        Panda.Json("runs", "delete", link, "--yes").Refused(3, "is a link to");
        Panda.Json("runs", "delete", world.Root, "--yes").Refused(3, "is not the folder of a run");
        Panda.Json("runs", "delete", "", "--yes").Refused(2, "names no folder");
        Panda.Json("runs", "delete", world.Run, world.Run + "/", "--yes").Refused(2, "named twice");
        Assert.True(File.Exists(Path.Combine(world.Run, "weights.safetensors")));
        Assert.True(File.Exists(Path.Combine(foreign, "log.jsonl")));
    }

    [Fact]
    public void ComparingNamesTheOptionsThatDiffer()
    {
        string other = world.Train("other", "--seed", "5", "--epochs", "1");

        JsonNode differing = Panda.Json("runs", "compare", world.Run, other).Json["differing_options"]!;

        Assert.Equal(["epochs", "seed"], differing.AsObject().Select(option => option.Key));
        Assert.Equal(["0", "5"], differing["seed"]!.AsArray().Select(value => value!.ToString()));
        Assert.Contains("seed: 0 in 1; 5 in 2", Panda.Run("runs", "compare", world.Run, other).Output, StringComparison.Ordinal);
        Panda.Json("runs", "compare", world.Run).Refused(2, "name two or more");
    }

    [Fact]
    public void WhatHoldsNoRunSaysSo()
    {
        Directory.CreateDirectory(world["nothing"]);
        Assert.Contains("There is no run", Panda.Run("runs", world["nothing"]).Output, StringComparison.Ordinal);
        Panda.Json("runs", world["missing"]).Refused(2, "does not exist");
        Panda.Json("runs", "show", world["nothing"]).Refused(3, "is not the folder of a run");
    }

    private static Outcome Answer(string answer, string run)
    {
        using StringWriter output = new(), error = new();
        using var answers = new StringReader(answer + "\n");
        int code = Panda.Run(["runs", "delete", run], output, error, TestContext.Current.CancellationToken, answers);
        Assert.Contains("Delete the supernet in", error.ToString(), StringComparison.Ordinal);
        return new Outcome(code, output.ToString(), error.ToString());
    }
}
