using System.Collections.Immutable;
using System.Text.Json.Nodes;
using PandaNas.Experiments.Runs;
using PandaNas.Runtime.Files;
using PandaNas.Sampling;
using PandaNas.Tests.Data;
using PandaNas.Training;
using static TorchSharp.torch;

namespace PandaNas.Tests.Experiments.Runs;

public sealed class CheckpointsTests
{
    private const string StateName = "state.json";
    private const string TensorsName = "tensors.safetensors";

    [Fact]
    public void SavedState_IsReadBackWhole()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        TrainerState saved = State(epoch: 3, position: 2);
        var checkpoints = new Checkpoints(folder["checkpoints"]);
        checkpoints.Save(saved);
        TrainerState read = Checkpoints.Read(checkpoints.Newest()!);

        Assert.Equal(
            (saved.Epoch, saved.Position, saved.LossSum, saved.Correct, saved.Measured, saved.Seconds),
            (read.Epoch, read.Position, read.LossSum, read.Correct, read.Measured, read.Seconds));
        Assert.Equal(saved.Order.AsEnumerable(), read.Order);
        Assert.Equal(saved.RandomStreams.AsEnumerable(), read.RandomStreams);
        foreach ((SamplerState before, SamplerState after) in new[] { (saved.Paths, read.Paths), (saved.Data, read.Data) })
        {
            Assert.Equal(before.Values.Keys, after.Values.Keys);
            foreach ((string name, double[] values) in before.Values) Assert.Equal(values, after.Values[name]);
        }
        Assert.Equal(saved.Tensors.Keys.Order(), read.Tensors.Keys.Order());
        foreach ((string name, Tensor tensor) in saved.Tensors)
        {
            Assert.Equal(tensor.shape, read.Tensors[name].shape);
            Assert.Equal(tensor.detach().contiguous().bytes.ToArray(), read.Tensors[name].bytes.ToArray());
            read.Tensors[name].Dispose();
        }
    }

    [Fact]
    public void StateBetweenEpochs_HasNoOrder()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(epoch: 1, position: 0) with { Order = [], Paths = SamplerState.Empty, Data = SamplerState.Empty });
        TrainerState read = Checkpoints.Read(checkpoints.Newest()!);
        Assert.Empty(read.Order);
        Assert.Empty(read.Paths.Values);
        foreach (Tensor tensor in read.Tensors.Values) tensor.Dispose();
    }

    [Fact]
    public void OnlyTheNewestOnes_AreKept()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        foreach ((int epoch, int position) in new[] { (1, 0), (9, 4), (10, 0), (10, 2), (10, 12) })
        {
            checkpoints.Save(State(epoch, position));
            Assert.Equal(Path.Combine(folder.Path, $"{epoch:D6}-{position:D9}"), checkpoints.Newest());
        }
        Assert.Equal(Checkpoints.Kept, Directory.GetDirectories(folder.Path).Length);
        Assert.Equal(["000010-000000002", "000010-000000012"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void SavingTheSameStateAgain_ChangesNothing()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(2, 0));
        byte[] before = File.ReadAllBytes(folder["000002-000000000", StateName]);
        checkpoints.Save(State(2, 0));
        Assert.Equal(before, File.ReadAllBytes(folder["000002-000000000", StateName]));
        Assert.Single(Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void LeftoversOfAKilledProcess_AreNeverRead()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(2, 0));
        string leftover = AtomicFile.TemporaryName(folder["000003-000000000"]);
        Directory.CreateDirectory(leftover);
        File.WriteAllText(Path.Combine(leftover, TensorsName), "half");
        Directory.CreateDirectory(folder["notes"]);

        Assert.Equal(folder["000002-000000000"], checkpoints.Newest());
        Assert.True(Directory.Exists(leftover));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void NumbersThatAreNotFinite_AreNeverSaved_AndTheLastGoodCheckpointIsNamed(double broken)
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(2, 0));
        Tensor poisoned = ones(3, 5);
        poisoned[1, 2] = broken;
        TrainerState state = State(3, 0);
        state = state with { Tensors = new Dictionary<string, Tensor>(state.Tensors) { ["momentum.cell"] = poisoned } };
        string message = Assert.Throws<RunFailedException>(() => checkpoints.Save(state)).Message;
        string good = folder["000002-000000000"];
        foreach (string words in (string[])["1 numbers are not finite", "'momentum.cell'", $"The last good checkpoint is '{good}'"])
            Assert.Contains(words, message, StringComparison.Ordinal);
        Assert.Equal([good], Directory.GetFileSystemEntries(folder.Path));
    }

    [Fact]
    public void NoCheckpoint_IsNull()
    {
        using var folder = new TemporaryFolder();
        Assert.Null(new Checkpoints(folder.Path).Newest());
        Assert.Null(new Checkpoints(folder["nothing"]).Newest());
    }

    [Theory]
    [InlineData(StateName)]
    [InlineData(TensorsName)]
    public void TruncatedOrMissingFile_IsBadData(string name)
    {
        using var folder = new TemporaryFolder();
        string checkpoint = SaveOne(folder), path = Path.Combine(checkpoint, name);
        byte[] whole = File.ReadAllBytes(path);
        // The last byte of the state is its line break, which JSON can do without.
        for (int length = 0; length < whole.Length - 1; length += Math.Max(1, whole.Length / 60))
        {
            File.WriteAllBytes(path, whole[..length]);
            AssertBad(checkpoint);
        }
        File.Delete(path);
        AssertBad(checkpoint);
    }

    [Fact]
    public void AnyChangedByteOfTheTensors_IsBadData()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = SaveOne(folder), path = Path.Combine(checkpoint, TensorsName);
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at += 7)
        {
            byte[] changed = [.. whole];
            changed[at] ^= (byte)(1 << at % 8);
            File.WriteAllBytes(path, changed);
            AssertBad(checkpoint);
        }
    }

    [Fact]
    public void AnyChangedByteOfTheState_IsBadData()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = SaveOne(folder), path = Path.Combine(checkpoint, StateName);
        byte[] whole = File.ReadAllBytes(path);
        for (int at = 0; at < whole.Length; at++)
        {
            for (int bit = 0; bit < 8; bit++)
            {
                byte[] changed = [.. whole];
                changed[at] ^= (byte)(1 << bit);
                File.WriteAllBytes(path, changed);
                AssertBad(checkpoint);
            }
        }
    }

    [Fact]
    public void StateWithAMissingOrForeignValue_IsBadData()
    {
        using var folder = new TemporaryFolder();
        string checkpoint = SaveOne(folder), path = Path.Combine(checkpoint, StateName);
        string whole = File.ReadAllText(path);
        foreach (string key in JsonNode.Parse(whole)!.AsObject().Select(pair => pair.Key))
        {
            foreach (string? value in new[] { null, "null", "\"x\"", "[]", "{\"a\":null}", "1e400", "99999999999999999999", "1.5" })
            {
                JsonObject state = JsonNode.Parse(whole)!.AsObject();
                if (value is null) state.Remove(key);
                else state[key] = JsonNode.Parse(value);
                if (key != "state_sha256") Sign(state);
                File.WriteAllText(path, state.ToJsonString());
                if (value is null or "null" or "[]" || key == "state_sha256") AssertBad(checkpoint);
                else ReadOrBadData(checkpoint);
            }
        }
    }

    [Fact]
    public void PlaceThatCannotBeWritten_IsAFailedRun()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        File.WriteAllText(folder["file"], "");
        Assert.Throws<RunFailedException>(() => new Checkpoints(folder["file", "below"]).Save(State(1, 0)));
    }

    [Fact]
    public void FailedSave_KeepsTheEarlierCheckpointsAndLeavesNothing()
    {
        using var folder = new TemporaryFolder();
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(1, 0));
        checkpoints.Save(State(2, 0));
        // A file where the new folder should go.
        File.WriteAllText(folder["000003-000000000"], "");
        Assert.Contains("000003-000000000", Assert.Throws<RunFailedException>(() => checkpoints.Save(State(3, 0))).Message);
        Assert.Equal(
            ["000001-000000000", "000002-000000000", "000003-000000000"],
            Directory.GetFileSystemEntries(folder.Path).Select(Path.GetFileName).Order());
        TrainerState read = Checkpoints.Read(checkpoints.Newest()!);
        Assert.Equal(2, read.Epoch);
        foreach (Tensor tensor in read.Tensors.Values) tensor.Dispose();
    }

    // As Checkpoints does, so that the checks behind the checksum are reached.
    private static void Sign(JsonObject state)
    {
        state.Remove("state_sha256");
        byte[] line = System.Text.Encoding.UTF8.GetBytes(state.ToJsonString(RunJson.Line));
        state["state_sha256"] = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(line));
    }

    private static string SaveOne(TemporaryFolder folder)
    {
        using var scope = NewDisposeScope();
        var checkpoints = new Checkpoints(folder.Path);
        checkpoints.Save(State(3, 2));
        return checkpoints.Newest()!;
    }

    private static void AssertBad(string checkpoint) =>
        Assert.Contains(checkpoint, Assert.Throws<BadDataException>(() => Checkpoints.Read(checkpoint)).Message);

    private static void ReadOrBadData(string checkpoint)
    {
        try
        {
            foreach (Tensor tensor in Checkpoints.Read(checkpoint).Tensors.Values) tensor.Dispose();
        }
        catch (BadDataException)
        {
        }
    }

    private static TrainerState State(int epoch, int position) => new(
        epoch, position, LossSum: 1.0 / 3, Correct: 7, Measured: 12, Seconds: 0.1, Order: [2, 0, 1, 1],
        ImmutableSortedDictionary<string, string>.Empty
            .Add("paths", RandomStream.Derive(1, "paths").State).Add("data", RandomStream.Derive(1, "data").State),
        SamplerState.Of(("probabilities", [0.1, 0.9])),
        SamplerState.Of(("first_epoch", [1]), ("running_importances", [0, 1e-300, 5])),
        new Dictionary<string, Tensor>
        {
            ["stem.conv.weight"] = arange(Number.Of(0), Number.Of(12), Number.Of(1), ScalarType.Float32).reshape(3, 4).t(),
            ["momentum.stem.conv.weight"] = tensor(new[] { -0f, float.Epsilon, 1e30f }),
            ["order"] = ones(1),
        });
}
