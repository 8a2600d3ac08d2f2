using PandaNas.Supernets;

namespace PandaNas.Cli.Tests.Failures;

/// <summary>
/// A process that may open only a few files. The runtime then says of its own assemblies that they do not exist, anywhere in the program.
/// Below about 30 files it does not start, and panda has no say.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class OpenFileLimitTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(100)]
    public async Task TooFewFiles_EndAnInspectionWithOneClearMessage(int files)
    {
        PhotoFolder.Write(world[$"photos-{files}"], count: 12);
        string[] arguments = ["data", "inspect", $"images:{world[$"photos-{files}"]}", "--cache", world[$"cache-{files}"]];
        using PandaProcess process = Panda.StartWithOpenFileLimit(files, arguments);
        await AssertDoneOrExplained(process);
    }

    [Theory]
    [InlineData(40)]
    [InlineData(64)]
    [InlineData(100)]
    public async Task TooFewFiles_EndATrainingWithOneClearMessage_AndItCanBeRunAgain(int files)
    {
        string[] arguments = world.TrainArguments(world[$"run-{files}"]);
        using (PandaProcess process = Panda.StartWithOpenFileLimit(files, arguments))
            await AssertDoneOrExplained(process);
        Assert.Equal(0, Panda.Run([.. arguments, "--resume"]).Code);
    }

    [Fact]
    public void FilesThatRunOutLater_AreToldFromOtherErrors()
    {
        string runtime = typeof(Enumerable).Assembly.FullName!, own = typeof(Network).Assembly.FullName!;
        Assert.All((Exception[])
        [
            new IOException("Too many open files", 24),
            new FileNotFoundException("not found", runtime), new FileLoadException("not loaded", own),
            new DllNotFoundException("libx.so: cannot open shared object file: Too many open files"),
            new TypeInitializationException("Any", new FileNotFoundException("not found", runtime)),
            new AggregateException(new IOException("x", 24)),
            new RunFailedException("cannot write", new FileNotFoundException("not found", runtime)),
        ], error => Assert.True(OpenFiles.AreExhausted(error), error.ToString()));
        Assert.All((Exception[])
        [
            new IOException("No space left on device", 28), new BadDataException("damaged"), new DllNotFoundException(
                "libx.so: no such file"),
            new FileNotFoundException("not found", "/data/train.bin"), new FileNotFoundException("not found"),
            new FileNotFoundException("not found", "Nowhere, Version=1.0.0.0"),
        ], error => Assert.False(OpenFiles.AreExhausted(error), error.ToString()));
    }

    // How many files the runtime itself needs depends on its build.
    private static async Task AssertDoneOrExplained(PandaProcess process)
    {
        Outcome outcome = await process.Finish();
        if (outcome.Code == 0) return;
        Assert.True(outcome.Code == 1, $"exit code {outcome.Code}: {outcome.Error}");
        Assert.Equal(
            OpenFiles.Message, Assert.Single(outcome.Error.Split('\n'), line => line.StartsWith("panda:", StringComparison.Ordinal)));
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
    }
}
