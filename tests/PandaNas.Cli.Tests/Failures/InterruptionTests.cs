using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Failures;

[Collection(ProcessCollection.Name)]
public sealed class InterruptionTests : IDisposable
{
    private const int Epochs = 60;
    private const int Interruptions = 10;

    private readonly TemporaryFolder _folder = new();
    private readonly string _data;

    public InterruptionTests() => _data = TinyImages.Write(_folder["images"]);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task InterruptedAndKilledTrainingEndsWithTheBytesOfAnUninterruptedOne()
    {
        string whole = _folder["whole"], broken = _folder["broken"];
        using (PandaProcess process = Panda.Start(Train(whole))) Assert.Equal(0, (await process.Finish()).Code);

        // Twice while it starts. After that each process trains for at most so many epochs before it is stopped, so that the training
        // cannot end before the tenth time.
        var random = new Random(20260101);
        int interrupted = 0, killed = 0;
        foreach (int longest in (int[])[300, 900])
        {
            using PandaProcess process = Panda.Start(Train(broken));
            await Task.Delay(random.Next(longest), TestContext.Current.CancellationToken);
            process.Signal(Panda.Kill);
            Assert.Equal(137, (await process.Finish()).Code);
        }
        for (int i = 0; i < Interruptions; i++)
        {
            using PandaProcess process = Panda.Start(Train(broken));
            await ProgressBeyond(process, broken, random.Next(1, Epochs / Interruptions - 1));
            await Task.Delay(random.Next(10), TestContext.Current.CancellationToken);
            int signal = i % 2 == 0 ? Panda.Interrupt : Panda.Kill;
            process.Signal(signal);
            Outcome outcome = await process.Finish();
            Assert.True(
                outcome.Code == (signal == Panda.Interrupt ? 130 : 137), $"exit code {outcome.Code} at interruption {i}: {outcome.Error}");
            if (signal == Panda.Kill) killed++;
            else
            {
                interrupted++;
                outcome.Refused(130, "interrupted", $"panda train --out {broken} --resume");
            }
        }
        Assert.Equal((5, 5), (interrupted, killed));
        using (PandaProcess process = Panda.Start(Train(broken)))
        {
            Outcome outcome = await process.Finish();
            Assert.True(outcome.Code == 0, outcome.Error);
        }

        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(broken, "weights.safetensors"));
        Assert.Equal(Files.LastCheckpoint(whole, "tensors.safetensors"), Files.LastCheckpoint(broken, "tensors.safetensors"));
        Assert.Empty(Files.Temporary(broken));
        Assert.Equal(Enumerable.Range(1, Epochs), Files.LoggedEpochs(broken));
        RequireMetricsOfTheLog(broken);
    }

    // The numbers of the log, epoch by epoch, under the names of its keys.
    private static void RequireMetricsOfTheLog(string run)
    {
        string[] lines = File.ReadAllLines(Path.Combine(run, "metrics.csv"));
        JsonObject[] log = [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];
        Assert.Equal(log.Length, lines.Length - 1);
        string[] names = lines[0].Split(',');
        Assert.StartsWith(
            "epoch,loss,accuracy,learning_rate,data_entropy,data_effective_sample_size,passes,seconds,path_probability:none,", lines[0],
            StringComparison.Ordinal);
        foreach ((JsonObject record, string line) in log.Zip(lines.Skip(1)))
        {
            double[] cells = [.. line.Split(',').Select(cell => double.Parse(cell, System.Globalization.CultureInfo.InvariantCulture))];
            Assert.Equal(names.Length, cells.Length);
            Assert.Equal(record["path_probabilities"]!.AsArray().Select(value => value!.GetValue<double>()), cells[8..]);
            foreach ((string name, double cell) in names.Take(8).Zip(cells)) Assert.Equal(record[name]!.GetValue<double>(), cell);
        }
    }

    [Fact]
    public async Task TemporaryFilesOfAKilledProcessGoWithTheNextOne()
    {
        string run = _folder["run"];
        Assert.Equal(0, Panda.Run(Train(run, epochs: 1)).Code);
        string[] leftovers =
        [
            Path.Combine(run, ".weights.safetensors.panda-1-0123abcd.tmp"),
            Path.Combine(run, "checkpoints", ".000001-000000000.panda-1-0123abcd.tmp", "state.json"),
        ];
        foreach (string leftover in leftovers)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(leftover)!);
            await File.WriteAllTextAsync(leftover, "half", TestContext.Current.CancellationToken);
        }
        Assert.Equal(0, Panda.Run(Train(run, epochs: 1)).Code);
        Assert.Empty(Files.Temporary(run));
    }

    [Fact]
    public async Task SecondProcessOnARunningRunIsRefusedAndDoesNoHarm()
    {
        string run = _folder["run"], whole = _folder["whole"];
        using PandaProcess first = Panda.Start(Train(run));
        await ProgressBeyond(first, run, 1);
        Panda.RunBesideOthers([.. Train(run), "--json"]).Refused(1, "another process is writing", run);
        Panda.RunBesideOthers("rank", run, "--json").Refused(1, "another process is writing", run);
        Assert.True(first.IsRunning);
        Outcome outcome = await first.Finish();
        Assert.True(outcome.Code == 0, outcome.Error);

        Assert.Equal(0, Panda.Run(Train(whole)).Code);
        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(run, "weights.safetensors"));
    }

    [Fact]
    public async Task InterruptedRankingGoesOnWhereItStopped()
    {
        string run = _folder["run"], other = _folder["other"];
        foreach (string folder in (string[])[run, other]) Assert.Equal(0, Panda.Run(Train(folder, epochs: 1)).Code);
        string[] rank = ["rank", run, "--architectures", "all", "--images", "4", "--ranker", "accuracy"];
        int interrupted = 0;
        foreach (int signal in (int[])[Panda.Interrupt, Panda.Kill])
        {
            int before = Scores(run).Length;
            using PandaProcess process = Panda.Start([.. rank, "--json"]);
            while (process.IsRunning && Scores(run).Length < before + 20) await Task.Delay(2, TestContext.Current.CancellationToken);
            process.Signal(signal);
            Outcome outcome = await process.Finish();
            Assert.Empty(outcome.Output);
            if (signal == Panda.Interrupt) outcome.Refused(130, "interrupted");
            else Assert.Equal(137, outcome.Code);
            Assert.True(Scores(run).Length >= before + 20);
            interrupted++;
        }
        Assert.Equal(2, interrupted);

        // What comes next may be less: the scores are shared. The same seed gives the same architectures, some of them scored.
        string[] some = ["--architectures", "60", "--images", "4", "--ranker", "accuracy"];
        JsonObject resumed = Panda.Json(["rank", run, .. some]).Json, whole = Panda.Json(["rank", other, .. some]).Json;
        Assert.True(resumed["evaluated"]!.GetValue<int>() <= whole["evaluated"]!.GetValue<int>());
        Assert.Equal(Files.Bytes(other, "ranking.csv"), Files.Bytes(run, "ranking.csv"));
        Assert.Empty(Files.Temporary(run));
    }

    [Theory]
    [InlineData("--population", "60", "--generations", "12")]
    [InlineData("--algorithm", "random", "--evaluations", "700")]
    [InlineData(
        "--algorithm", "nsga2", "--population", "60", "--generations", "12", "--objectives", "accuracy,macs", "--max-params", "20000")]
    [InlineData("--algorithm", "regularized", "--population", "50", "--sample", "10", "--evaluations", "700")]
    public async Task InterruptedSearchEndsWithTheResultOfAnUninterruptedOne(params string[] algorithm)
    {
        string run = _folder["run"], other = _folder["other"];
        foreach (string folder in (string[])[run, other]) Assert.Equal(0, Panda.Run(Train(folder, epochs: 1)).Code);
        string[] flags = ["--images", "4", .. algorithm, "--seed", "3", "--ranker", "accuracy"];
        JsonObject whole = Panda.Json(["search", other, .. flags]).Json;
        string[] all = Scores(other);

        var random = new Random(4);
        foreach (int signal in (int[])[Panda.Interrupt, Panda.Kill, Panda.Interrupt, Panda.Kill])
        {
            int before = Scores(run).Length;
            using PandaProcess process = Panda.Start(["search", run, .. flags, "--json"]);
            int wanted = before + random.Next(5, all.Length / 6);
            while (process.IsRunning && Scores(run).Length < wanted) await Task.Delay(2, TestContext.Current.CancellationToken);
            process.Signal(signal);
            Outcome outcome = await process.Finish();
            if (signal == Panda.Interrupt) outcome.Refused(130, "interrupted");
            else Assert.Equal(137, outcome.Code);
            Assert.InRange(Scores(run).Length, wanted, all.Length - 1);
            Assert.False(File.Exists(Path.Combine(run, "search.json")));
        }

        // The same command goes the same way, over the scores that are there.
        JsonObject resumed = Panda.Json(["search", run, .. flags]).Json;
        foreach (JsonObject result in (JsonObject[])[whole, resumed])
            foreach (string key in (string[])["seconds", "run"]) Assert.True(result.Remove(key));
        Assert.Equal(whole.ToJsonString(), resumed.ToJsonString());
        Assert.Equal(Files.Bytes(other, "search.json"), Files.Bytes(run, "search.json"));
        Assert.Equal(all, Scores(run));
        Assert.Empty(Files.Temporary(run));
    }

    [Fact]
    public async Task InterruptedRetrainingEndsWithTheBytesOfAnUninterruptedOne()
    {
        string whole = _folder["whole"], broken = _folder["broken"];
        Assert.Equal(0, Panda.Run(Retrain(whole)).Code);
        var random = new Random(1);
        foreach (int signal in (int[])[Panda.Interrupt, Panda.Kill, Panda.Interrupt])
        {
            using PandaProcess process = Panda.Start(Retrain(broken));
            await ProgressBeyond(process, broken, random.Next(1, 10));
            process.Signal(signal);
            Outcome outcome = await process.Finish();
            if (signal == Panda.Interrupt) outcome.Refused(130, "interrupted", $"panda retrain --out {broken} --resume");
            else Assert.Equal(137, outcome.Code);
            Assert.False(File.Exists(Path.Combine(broken, "weights.safetensors")));
        }
        // As the message says: the run knows its architecture and its options.
        JsonObject result = Panda.Json("retrain", "--out", broken, "--resume").Json;
        Assert.Equal(Epochs, result["epochs"]!.GetValue<int>());
        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(broken, "weights.safetensors"));
        Assert.Equal(Files.LastCheckpoint(whole, "tensors.safetensors"), Files.LastCheckpoint(broken, "tensors.safetensors"));
        Assert.Empty(Files.Temporary(broken));
    }

    [Fact]
    public async Task InterruptedMeasuringOfGradientVarianceEndsWithTheSameNumbers()
    {
        string whole = _folder["whole"], broken = _folder["broken"];
        string[] Measured(string run) =>
            [.. Train(run, epochs: 5), "--variance-every", "2", "--variance-samples", "120", "--checkpoint-every", "3"];
        using (PandaProcess process = Panda.Start(Measured(whole))) Assert.Equal(0, (await process.Finish()).Code);
        // The record of the second epoch is there and the one of its variance is not: it is being measured.
        foreach (int signal in (int[])[Panda.Interrupt, Panda.Kill])
        {
            using PandaProcess process = Panda.Start(Measured(broken));
            while (process.IsRunning && Files.LoggedEpochs(broken).Count < 2) await Task.Delay(2, TestContext.Current.CancellationToken);
            Assert.Equal([1, 2], Files.LoggedEpochs(broken));
            process.Signal(signal);
            Assert.Equal(signal == Panda.Kill ? 137 : 130, (await process.Finish()).Code);
        }
        Assert.Equal(0, Panda.Run(Measured(broken)).Code);
        Assert.Equal([1, 2, 2, 3, 4, 4, 5], Files.LoggedEpochs(broken));
        Assert.Equal(WithoutTimes(whole), WithoutTimes(broken));
        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(broken, "weights.safetensors"));
    }

    private static List<string> WithoutTimes(string run) =>
    [
        .. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line =>
        {
            JsonObject record = JsonNode.Parse(line)!.AsObject();
            foreach (string key in (string[])["seconds", "measuring_seconds"]) record.Remove(key);
            return record.ToJsonString();
        }),
    ];

    [Fact]
    public async Task TerminationSavesAsAnInterruptDoes()
    {
        string run = _folder["run"];
        using PandaProcess process = Panda.Start(Train(run));
        await ProgressBeyond(process, run, 3);
        process.Signal(Panda.Terminate);
        (await process.Finish()).Refused(130, "interrupted", $"panda train --out {run} --resume");
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(run, "checkpoints")));
    }

    private static string[] Scores(string run)
    {
        string folder = Path.Combine(run, "scores");
        if (!Directory.Exists(folder)) return [];
        string? file = Directory.GetFiles(folder).SingleOrDefault();
        if (file is null) return [];
        using var reader = new StreamReader(new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private string[] Retrain(string run) =>
    [
        "retrain", "--data", _data, "--channels", "4", "--cells", "1", "--batch-size", "8", "--threads", "1", "--precision", "float32",
        "--cutout", "3", "--architecture", TrainedRun.Architectures[1],
        "--epochs", Epochs.ToString(System.Globalization.CultureInfo.InvariantCulture), "--out", run, "--resume",
    ];

    private string[] Train(string run, int epochs = Epochs) =>
    [
        "train", "--data", _data, "--channels", "4", "--cells", "1", "--batch-size", "8", "--threads", "1", "--precision", "float32",
        "--epochs", epochs.ToString(System.Globalization.CultureInfo.InvariantCulture), "--out", run, "--resume",
    ];

    // Waits until the process itself has logged more epochs.
    private static async Task ProgressBeyond(PandaProcess process, string run, int epochs)
    {
        int before = Files.LoggedEpochs(run).Count;
        while (process.IsRunning && Files.LoggedEpochs(run).Count < before + epochs)
            await Task.Delay(2, TestContext.Current.CancellationToken);
        Assert.True(process.IsRunning, "the training ended before it could be stopped");
    }
}
