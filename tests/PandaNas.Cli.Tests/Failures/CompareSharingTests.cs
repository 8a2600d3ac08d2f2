using System.Text.Json.Nodes;
using PandaNas.Cli.Tests.Watch;
using PandaNas.Watch;

namespace PandaNas.Cli.Tests.Failures;

/// <summary>Processes that know nothing of each other divide a comparison; those that go on do the work of one that is killed.</summary>
[Collection(ProcessCollection.Name)]
public sealed class CompareSharingTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _data, _truth;

    public CompareSharingTests()
    {
        _data = TinyImages.Write(_folder["images"]);
        _truth = Comparison.Truth(_folder["truth.csv"]);
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task ThreeProcesses_OneOfThemKilled_EndWithTheTableOfOne()
    {
        string alone = _folder["alone"], shared = _folder["shared"];
        Assert.Equal(0, Panda.Run(Arguments(alone)).Code);
        PandaProcess[] processes = [.. Enumerable.Range(0, 3).Select(_ => Panda.Start([.. Arguments(shared), "--share"]))];
        try
        {
            await Claimed(shared, processes[1]);
            Assert.Equal("running", Panda.RunBesideOthers("runs", "show", shared, "--json").Json["summary"]!["state"]!.ToString());
            Assert.Equal("running", await StateOnThePage(shared));
            // Whoever has no part in the agreement is kept out meanwhile.
            Panda.RunBesideOthers("compare", "--out", shared, "--resume").Refused(1, "another process is writing into");
            processes[1].Signal(Panda.Kill);
            Outcome[] outcomes = await Task.WhenAll(processes.Select(process => process.Finish()));
            Assert.Equal(137, outcomes[1].Code);
            Assert.True(outcomes[0].Code == 0, outcomes[0].Error);
            Assert.True(outcomes[2].Code == 0, outcomes[2].Error);
        }
        finally
        {
            foreach (PandaProcess process in processes) process.Dispose();
        }
        AssertSame(alone, shared);
        // One that comes late finds all done.
        Assert.Equal(
            Comparison.WithoutTimeAndPlace(File.ReadAllText(Path.Combine(alone, "comparison.json"))),
            Comparison.WithoutTimeAndPlace(Panda.Json("compare", "--out", shared, "--share").Output));
    }

    private async Task<string> StateOnThePage(string run)
    {
        await using WatchServer server = await WatchTests.Start(_folder.Path);
        using var client = new HttpClient();
        using var reader = new StreamReader(await client.GetStreamAsync(server.Address + "events", TestContext.Current.CancellationToken));
        JsonNode shown;
        do shown = await WatchTests.Next(reader, "run");
        while ($"{shown["name"]}" != Path.GetFileName(run));
        return $"{shown["summary"]!["state"]}";
    }

    [Fact]
    public async Task AStoppedProcess_GivesItsRunBack_AndASingleOneGoesOn()
    {
        string alone = _folder["alone"], shared = _folder["shared"];
        Assert.Equal(0, Panda.Run(Arguments(alone)).Code);
        using (PandaProcess process = Panda.Start([.. Arguments(shared), "--share"]))
        {
            await Claimed(shared, process);
            process.Signal(Panda.Terminate);
            (await process.Finish()).Refused(130, "interrupted", $"panda compare --out {shared} --share");
        }
        Assert.Empty(Directory.GetFiles(Path.Combine(shared, "claims")));
        Assert.Equal(0, Panda.Run("compare", "--out", shared, "--resume").Code);
        AssertSame(alone, shared);
    }

    [Fact]
    public void SharingNeedsAFolder() =>
        Panda.Run("compare", "--data", _data, "--methods", "spos", "--share").Refused(2, "--share needs --out");

    private static void AssertSame(string alone, string shared)
    {
        Assert.Equal(
            Comparison.WithoutTimeAndPlace(File.ReadAllText(Path.Combine(alone, "comparison.json"))),
            Comparison.WithoutTimeAndPlace(File.ReadAllText(Path.Combine(shared, "comparison.json"))));
        foreach (string run in (string[])["spos-seed0", "spos-seed1", "panda-seed0", "panda-seed1"])
        {
            Assert.Equal(Files.Bytes(alone, run, "weights.safetensors"), Files.Bytes(shared, run, "weights.safetensors"));
            Assert.Equal(Files.Bytes(alone, "rankings", $"{run}.csv"), Files.Bytes(shared, "rankings", $"{run}.csv"));
        }
        Assert.Empty(Files.Temporary(shared));
        Assert.False(Directory.Exists(Path.Combine(shared, "claims")));
    }

    // Until the process has a run.
    private static async Task Claimed(string folder, PandaProcess process)
    {
        string claims = Path.Combine(folder, "claims");
        while (process.IsRunning && !(Directory.Exists(claims) && Directory.GetFiles(claims, "*-seed*").Any(Has)))
            await Task.Delay(5, TestContext.Current.CancellationToken);
        Assert.True(process.IsRunning, "the process ended before it had a run");

        // Its owner holds the lock, which would keep another stream from opening the file.
        bool Has(string path)
        {
            using var text = System.Diagnostics.Process.Start(
                new System.Diagnostics.ProcessStartInfo("cat", [path]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            return text.StandardOutput.ReadToEnd().Contains($"\"process\":{process.Id},", StringComparison.Ordinal);
        }
    }

    private string[] Arguments(string folder) =>
        Comparison.Arguments(_data, _truth, folder, "--epochs", "20", "--architectures", "60");
}
