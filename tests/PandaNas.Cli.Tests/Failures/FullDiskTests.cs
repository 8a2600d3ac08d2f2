using System.Text.Json.Nodes;

namespace PandaNas.Cli.Tests.Failures;

/// <summary>
/// Writing fails in the middle of a file. A limit on the size of files stands for a full disk: the system refuses the bytes beyond
/// it in the same place and way, and it takes no special rights.
/// </summary>
[Collection(PandaCollection.Name)]
public sealed class FullDiskTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    // Less than the tensors of a checkpoint (about 60 kB), more than options, log and facts.
    private const int Blocks = 32;

    [Fact]
    public async Task ATrainingThatCannotSaveIsResumableWhenThereIsSpaceAgain()
    {
        string whole = world.Train("whole", "--epochs", "6"), run = world["filled"];
        await TrainFor(run, epochs: 2);
        string[] before = Checkpoints(run);
        Assert.NotEmpty(before);

        using (PandaProcess process = Panda.StartWithFileLimit(Blocks, "train", "--out", run, "--resume", "--json"))
        {
            Outcome full = await process.Finish();
            full.Refused(1, "cannot write", Path.Combine(run, "checkpoints", "000"), "Earlier results are intact");
            Assert.DoesNotContain(".tmp", full.Error, StringComparison.Ordinal);
        }
        Assert.Empty(Files.Temporary(run));
        Assert.Equal(before, Checkpoints(run));
        Assert.False(File.Exists(Path.Combine(run, "weights.safetensors")));

        Outcome outcome = Panda.Run("train", "--out", run, "--resume");
        Assert.True(outcome.Code == 0, outcome.Error);
        Assert.Equal(Files.Bytes(whole, "weights.safetensors"), Files.Bytes(run, "weights.safetensors"));
        Assert.Equal(Files.LastCheckpoint(whole, "tensors.safetensors"), Files.LastCheckpoint(run, "tensors.safetensors"));
        Assert.Equal(Enumerable.Range(1, 6), Files.LoggedEpochs(run));
    }

    [Fact]
    public async Task ANewRunThatCannotSaveLeavesNoTemporaryFile()
    {
        string run = world["never"];
        using (PandaProcess process = Panda.StartWithFileLimit(Blocks, [.. world.TrainArguments(run), "--json"]))
            (await process.Finish()).Refused(1, "cannot write", "Earlier results are intact");
        Assert.Empty(Files.Temporary(run));
        Assert.Equal(0, Panda.Run("train", "--out", run, "--resume").Code);
    }

    // The scores of so many architectures take more than one block of 1,024 bytes; the last line that fits is cut off.
    [Fact]
    public async Task ARankingThatCannotSaveKeepsItsScores()
    {
        string run = world.Copy("ranked"), other = world.Copy("ranked-whole");
        string[] more = ["--architectures", "40", "--ranker", "accuracy"];
        using (PandaProcess process = Panda.StartWithFileLimit(1, ["rank", run, .. more, "--json"]))
            (await process.Finish()).Refused(1, "cannot write", Path.Combine(run, "scores"), "Earlier results are intact");
        Assert.Empty(Files.Temporary(run));

        JsonObject whole = Panda.Json(["rank", other, .. more]).Json, resumed = Panda.Json(["rank", run, .. more]).Json;
        Assert.InRange(resumed["evaluated"]!.GetValue<int>(), 1, whole["evaluated"]!.GetValue<int>() - 5);
        Assert.Equal(Files.Bytes(other, "ranking.csv"), Files.Bytes(run, "ranking.csv"));
    }

    private static string[] Checkpoints(string run) =>
        [.. Directory.GetDirectories(Path.Combine(run, "checkpoints")).Order(StringComparer.Ordinal)];

    // Stops after so many epochs, as a user would.
    private async Task TrainFor(string run, int epochs)
    {
        using var stop = new CancellationTokenSource();
        using StringWriter output = new(), error = new();
        Task<int> training = Task.Run(
            () => Panda.Run(world.TrainArguments(run, "--epochs", "6"), output, error, stop.Token),
            TestContext.Current.CancellationToken);
        while (!training.IsCompleted && Files.LoggedEpochs(run).Count < epochs) await Task.Delay(1, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        Assert.Equal(130, await training);
    }
}
