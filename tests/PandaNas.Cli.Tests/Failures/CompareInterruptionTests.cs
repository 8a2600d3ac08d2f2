namespace PandaNas.Cli.Tests.Failures;

/// <summary>A comparison that is killed and interrupted again and again ends with the table of one that is not.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CompareInterruptionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data, _truth;

    public CompareInterruptionTests()
    {
        _data = TinyImages.Write(_folder["images"]);
        _truth = Comparison.Truth(_folder["truth.csv"]);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("epochs", "panda", 9)]
    [InlineData("passes", "fairnas", 5)]
    public async Task InterruptedAndKilledComparisonsEndWithTheTableOfAnUninterruptedOne(string equal, string method, int interruptions)
    {
        string whole = _folder["whole"], broken = _folder["broken"];
        using (PandaProcess process = Panda.Start(Arguments(whole, equal, method)))
        {
            Outcome outcome = await process.Finish();
            Assert.True(outcome.Code == 0, outcome.Error);
        }
        int all = Work(whole);

        // Twice while it starts; then, wherever it is, after a random part of the work that is left. That cannot end it before the last
        // time.
        var random = new Random(20260102);
        var stops = new HashSet<string>();
        for (int i = 0; i < interruptions; i++)
        {
            using PandaProcess process = Panda.Start(Arguments(broken, equal, method));
            int before = Work(broken);
            if (i < 2) await Task.Delay(random.Next(600), TestContext.Current.CancellationToken);
            else await WorkBeyond(process, broken, before + random.Next(1, (all - before) / (interruptions - i + 1)));
            await Task.Delay(random.Next(10), TestContext.Current.CancellationToken);
            int signal = i < 2 || i % 2 == 0 ? Panda.Kill : Panda.Interrupt;
            process.Signal(signal);
            Outcome outcome = await process.Finish();
            if (signal == Panda.Kill) Assert.Equal(137, outcome.Code);
            else outcome.Refused(130, "interrupted", $"panda compare --out {broken} --resume");
            stops.Add(Place(broken));
        }
        // Not always in the same run and stage. How many places it is depends on how far a process gets before the signal arrives.
        Assert.True(stops.Count >= 3, string.Join("; ", stops));

        // As the message says: the comparison knows its options.
        Outcome last = Panda.Json("compare", "--out", broken, "--resume");
        Assert.True(last.Code == 0, last.Error);
        Assert.Equal(
            Comparison.WithoutTimeAndPlace(Text(whole, "comparison.json")),
            Comparison.WithoutTimeAndPlace(Text(broken, "comparison.json")));
        Assert.Equal(Comparison.WithoutTimeAndPlace(Text(whole, "comparison.json")), Comparison.WithoutTimeAndPlace(last.Output));
        foreach (string run in (string[])["spos-seed0", "spos-seed1", $"{method}-seed0", $"{method}-seed1"])
        {
            Assert.Equal(Files.Bytes(whole, run, "weights.safetensors"), Files.Bytes(broken, run, "weights.safetensors"));
            Assert.Equal(Files.Bytes(whole, "rankings", $"{run}.csv"), Files.Bytes(broken, "rankings", $"{run}.csv"));
        }
        Assert.Equal(all, Work(broken));
        Assert.Empty(Files.Temporary(broken));
    }

    [Fact]
    public async Task MeasuringEpochsCanBeInterruptedToo()
    {
        string folder = _folder["compared"];
        for (int i = 0; i < 3; i++)
        {
            using PandaProcess process = Panda.Start(Arguments(folder, "seconds", "panda"));
            await WorkBeyond(process, folder, i + 1);
            process.Signal(i == 1 ? Panda.Interrupt : Panda.Kill);
            await process.Finish();
        }
        Outcome outcome = Panda.Json("compare", "--out", folder, "--resume");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal([1, 2], Files.LoggedEpochs(Path.Combine(folder, "pilots", "spos")));
        Assert.Empty(Files.Temporary(folder));
    }

    private string[] Arguments(string folder, string equal, string method) =>
        [
            .. Comparison.Arguments(
                _data, _truth, folder, "--methods", $"spos,{method}", "--epochs", "40", "--architectures", "150", "--equal", equal),
            "--resume",
        ];

    // Epochs trained and architectures scored, in whole lines.
    private static int Work(string folder) => WorkOf(folder, "log.jsonl") + WorkOf(folder, "*.csv");

    private static int WorkOf(string folder, string pattern)
    {
        if (!Directory.Exists(folder)) return 0;
        return Directory.GetFiles(folder, pattern, SearchOption.AllDirectories)
            .Where(path => !path.Contains("rankings", StringComparison.Ordinal) && Path.GetFileName(path) != "comparison.csv").Sum(Lines);
    }

    private static int Lines(string path)
    {
        using var reader = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        return reader.ReadToEnd().Count(c => c == '\n');
    }

    private static async Task WorkBeyond(PandaProcess process, string folder, int work)
    {
        while (process.IsRunning && Work(folder) < work) await Task.Delay(2, TestContext.Current.CancellationToken);
        Assert.True(process.IsRunning, "the comparison ended before it could be stopped");
    }

    // What there is so far: which runs were begun, trained, and ranked.
    private static string Place(string folder)
    {
        if (!Directory.Exists(folder)) return "";
        string[] runs = [.. Directory.GetDirectories(folder, "*-seed*").Order(StringComparer.Ordinal)];
        return string.Join(' ', runs.Select(run =>
            Path.GetFileName(run) + (File.Exists(Path.Combine(run, "train.json")) ? "+trained" : "")
                + (Directory.Exists(Path.Combine(run, "scores")) ? "+scored" : "")));
    }

    private static string Text(params string[] path) => File.ReadAllText(Path.Combine(path));
}
