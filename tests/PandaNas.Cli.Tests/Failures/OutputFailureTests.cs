namespace PandaNas.Cli.Tests.Failures;

/// <summary>
/// Where output cannot go: work goes on without progress, a result that is lost is an error, and a reader that has enough is none.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class OutputFailureTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Theory]
    [InlineData("2>/dev/full")]
    [InlineData("2>&-")]
    public async Task TrainingGoesOnWithoutProgress(string redirection)
    {
        string run = world[redirection.Contains("full", StringComparison.Ordinal) ? "full" : "closed"];
        using PandaProcess process = Panda.StartInShell($"exec dotnet \"$@\" {redirection}", [.. world.TrainArguments(run), "--json"]);
        Outcome outcome = await process.Finish();
        Assert.Equal(2, outcome.Json["epochs"]!.GetValue<int>());
        Assert.Equal(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(run, "weights.safetensors"));
    }

    [Fact]
    public async Task AResultThatCannotBeWrittenIsAnError()
    {
        using PandaProcess process = Panda.StartInShell("exec dotnet \"$@\" >/dev/full", "spaces", "--json");
        (await process.Finish()).Refused(1, "cannot write the result to standard output");
    }

    [Fact]
    public async Task AReaderThatHasEnoughEndsQuietly()
    {
        using PandaProcess process = Panda.StartInShell("dotnet \"$@\" | true; echo ${PIPESTATUS[0]}", "train", "--help");
        Outcome outcome = await process.Finish();
        Assert.Equal(("0\n", ""), (outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task AClosedTerminalSavesAsAnInterruptDoes()
    {
        string run = world["hung-up"];
        using PandaProcess process = Panda.Start(world.TrainArguments(run, "--epochs", "100000", "--resume"));
        while (process.IsRunning && Files.LoggedEpochs(run).Count < 2) await Task.Delay(2, TestContext.Current.CancellationToken);
        // The kernel and the shell both send it.
        process.Signal(Panda.HangUp);
        process.Signal(Panda.HangUp);
        (await process.Finish()).Refused(130, "interrupted", $"panda train --out {run} --resume");
        Assert.NotEmpty(Directory.GetDirectories(Path.Combine(run, "checkpoints")));
    }
}
