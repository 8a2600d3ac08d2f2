namespace PandaNas.Cli.Tests;

/// <summary>
/// A process that may open only a few files. The runtime then says of its own assemblies that they do not exist, anywhere in the program.
/// Below about 40 files it does not start, and panda has no say.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class OpenFileLimitTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Theory]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(80)]
    public async Task TooFewFiles_EndAnInspectionWithOneClearMessage(int files)
    {
        PhotoFolder.Write(world[$"photos-{files}"], count: 12);
        string[] arguments = ["data", "inspect", $"images:{world[$"photos-{files}"]}", "--cache", world[$"cache-{files}"]];
        using PandaProcess process = Panda.StartWithOpenFileLimit(files, arguments);
        await AssertDoneOrExplained(process);
    }

    [Theory]
    [InlineData(48)]
    [InlineData(64)]
    [InlineData(80)]
    public async Task TooFewFiles_EndATrainingWithOneClearMessage_AndItCanBeRunAgain(int files)
    {
        string[] arguments = world.TrainArguments(world[$"run-{files}"]);
        using (PandaProcess process = Panda.StartWithOpenFileLimit(files, arguments))
            await AssertDoneOrExplained(process);
        Assert.Equal(0, Panda.Run([.. arguments, "--resume"]).Code);
    }

    // How many files the runtime itself needs depends on its build.
    private static async Task AssertDoneOrExplained(PandaProcess process)
    {
        Outcome outcome = await process.Finish();
        if (outcome.Code == 0) return;
        Assert.True(outcome.Code == 1, $"exit code {outcome.Code}: {outcome.Error}");
        Assert.Equal(OpenFiles.Message, Assert.Single(outcome.Error.Split('\n'), line => line.StartsWith("panda:", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }
}
