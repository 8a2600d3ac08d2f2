using System.Text.Json.Nodes;
using PandaNas.Experiments.Runs;
using SkiaSharp;
using Tensorboard;

namespace PandaNas.Cli.Tests.Verbs;

/// <summary>TensorBoard's curves are those of the log, whatever happened to the training, and change nothing of it.</summary>
[Collection(PandaCollection.Name)]
public sealed class TensorBoardTests(TrainedRun world) : IClassFixture<TrainedRun>
{
    [Fact]
    public void CurvesAreThoseOfTheLog_AndTheTrainingKeepsItsBits()
    {
        string run = world["shown"], folder = world["board"];
        Assert.Equal(0, Panda.Run(world.TrainArguments(run, "--tensorboard", folder)).Code);

        Assert.Equal(Files.Bytes(world.Run, "weights.safetensors"), Files.Bytes(run, "weights.safetensors"));
        Event[] events = Events(folder);
        RequireCurvesOfTheLog(run, events);
        Summary.Types.Value batch = Values(events, "batch/augmented").Single().Value;
        using SKBitmap picture = SKBitmap.Decode(batch.Image.EncodedImageString.ToByteArray());
        Assert.Equal((batch.Image.Width, batch.Image.Height), (picture.Width, picture.Height));
        Assert.True(picture.Pixels.Distinct().Count() > 10);
        foreach ((long step, Summary.Types.Value value) in Values(events, "data/relative_probability"))
        {
            Assert.InRange(step, 1, 2);
            Assert.Equal(value.Histo.Num, value.Histo.Bucket.Sum());
            Assert.Equal(1, value.Histo.Sum / value.Histo.Num, 9);
        }
        Assert.Equal([1L, 2L], Values(events, "paths/probabilities").Select(one => one.Step));
    }

    [Fact]
    public async Task KilledAndContinued_NoStepIsThereTwiceOrMissing()
    {
        string run = world["killed"], folder = world["killed-board"];
        string[] arguments = world.TrainArguments(run, "--epochs", "40", "--tensorboard", folder, "--resume");
        var random = new Random(20260102);
        for (int i = 0; i < 3; i++)
        {
            using PandaProcess process = Panda.Start(arguments);
            int before = Files.LoggedEpochs(run).Count;
            CancellationToken stop = TestContext.Current.CancellationToken;
            while (process.IsRunning && Files.LoggedEpochs(run).Count < before + 4) await Task.Delay(2, stop);
            await Task.Delay(random.Next(10), stop);
            process.Signal(i == 1 ? Panda.Interrupt : Panda.Kill);
            await process.Finish();
        }
        Assert.Equal(0, Panda.Run(arguments).Code);

        Event[] events = Events(folder);
        RequireCurvesOfTheLog(run, events);
        Assert.Equal(40, Files.LoggedEpochs(run).Count);
        Assert.Single(Values(events, "batch/augmented"));
        Assert.Single(Directory.GetFiles(folder));
    }

    [Fact]
    public void ContinuedRun_TakesItsFolderUpAgain_AndGetsItsPastWhereItHadNone()
    {
        string run = world.Copy("late", copy =>
        {
            foreach (string result in (string[])["train.json", "weights.safetensors"]) File.Delete(Path.Combine(copy, result));
        });
        string folder = world["late-board"];
        for (int time = 0; time < 2; time++)
        {
            Assert.Equal(0, Panda.Run("train", "--out", run, "--resume", "--tensorboard", folder).Code);
            RequireCurvesOfTheLog(run, Events(folder));
        }
        string file = Assert.Single(Directory.GetFiles(folder));
        byte[] whole = File.ReadAllBytes(file);
        // Half an event, as a killed process leaves it.
        foreach (int cut in (int[])[5, 100, whole.Length - 60, whole.Length - 20, whole.Length])
        {
            File.WriteAllBytes(file, whole[..^cut]);
            Assert.Equal(0, Panda.Run("train", "--out", run, "--resume", "--tensorboard", folder).Code);
            RequireCurvesOfTheLog(run, Events(folder));
        }
    }

    [Fact]
    public void CurvesOfRunsDoNotMix()
    {
        string run = world["first"], folder = world["first-board"], second = world["second"], file = world["plain-file"];
        Assert.Equal(0, Panda.Run(world.TrainArguments(run, "--epochs", "1", "--tensorboard", folder)).Code);
        string events = Assert.Single(Directory.GetFiles(folder));
        byte[] before = File.ReadAllBytes(events);
        File.WriteAllText(file, "");

        Panda.Json(world.TrainArguments(second, "--tensorboard", folder)).Refused(2, "--tensorboard", "holds curves already");
        Panda.Json(world.TrainArguments(second, "--tensorboard", file)).Refused(2, "--tensorboard", "is a file");
        Assert.False(Directory.Exists(second));
        Panda.Json("train", "--out", world.Copy("third"), "--resume", "--tensorboard", folder).Refused(2, "holds curves already");
        Assert.Equal(before, File.ReadAllBytes(events));
        Panda.Json("compare", "--tensorboard", folder).Refused(2, "--tensorboard");
    }

    [Fact]
    public void RetrainingHasCurvesToo()
    {
        string run = world["retrained"], folder = world["retrained-board"];
        Outcome outcome = Panda.Run(
            "retrain", world.Run, "--architecture", TrainedRun.Architectures[0], "--epochs", "2", "--threads", "1", "--out", run,
            "--tensorboard", folder);
        Assert.True(outcome.Code == 0, outcome.Error);
        RequireCurvesOfTheLog(run, Events(folder));
    }

    private static Event[] Events(string folder) =>
        [.. new EventFile(Directory.GetFiles(folder, "*tfevents*").Single()).Read().Select(one => one.Event)];

    private static IEnumerable<(long Step, Summary.Types.Value Value)> Values(IEnumerable<Event> events, string tag) =>
        from one in events
        where one.Summary is not null
        from value in one.Summary.Value
        where value.Tag == tag
        select (one.Step, value);

    private static void RequireCurvesOfTheLog(string run, Event[] events)
    {
        Assert.Equal("brain.Event:2", events[0].FileVersion);
        JsonObject[] log = [.. File.ReadLines(Path.Combine(run, "log.jsonl")).Select(line => JsonNode.Parse(line)!.AsObject())];
        (string Tag, string Key)[] curves =
        [
            ("train/loss", "loss"), ("train/accuracy", "accuracy"), ("train/learning_rate", "learning_rate"),
            ("data/entropy", "data_entropy"),
        ];
        foreach ((string tag, string key) in curves)
        {
            (long, float)[] expected =
                [.. log.Select(record => (record["epoch"]!.GetValue<long>(), (float)record[key]!.GetValue<double>()))];
            Assert.Equal(expected, Values(events, tag).Select(one => (one.Step, one.Value.SimpleValue)));
        }
        Assert.Equal(
            log.Select(record => (float)record["path_probabilities"]![0]!.GetValue<double>()),
            Values(events, "paths/probability/none").Select(one => one.Value.SimpleValue));
    }
}
