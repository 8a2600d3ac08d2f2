using PandaNas.Data.Batches;
using PandaNas.Data.Formats;
using PandaNas.Experiments.Automatic;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Stages;
using PandaNas.Reporting.Pages;
using PandaNas.Tests.Data;
using PandaNas.Tests.Data.Decoding;

namespace PandaNas.Tests.Experiments.Automatic;

/// <summary>The whole way on tiny images, by a clock that goes on whenever somebody looks at it.</summary>
public sealed class AutoExperimentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void StoppedInEveryTraining_AndResumed_ItEndsWithTheBytesOfAnUndisturbedOne()
    {
        AutoOptions options = Options(120, 1);
        AutoResult whole = Run(options, "whole", "tiny");
        RequireChosenFairly(whole, PlanOf("whole"), searches: false);
        StopIn("train the known network", options, "tiny");
        StopIn("train its rival", options, null);
        AutoResult resumed = Run(options, "stopped", null, resume: true);
        foreach (string run in (string[])["known", "rival"])
            Assert.Equal(Bytes("whole", run, "weights.safetensors"), Bytes("stopped", run, "weights.safetensors"));
        Assert.Equal(whole.Reasons, resumed.Reasons);
        Assert.Equal(whole.Difference, resumed.Difference);
        // What is done is not done again.
        Assert.Equal(resumed.Stages, Run(options, "stopped", null, resume: true).Stages);
    }

    [Fact]
    public void StoppedInItsSearch_AndResumed_ItFindsWhatAnUndisturbedOneFinds()
    {
        AutoOptions options = Options(1_200, 4.5);
        RequireChosenFairly(Run(options, "whole", "tiny"), PlanOf("whole"), searches: true);
        StopIn("search", options, "tiny");
        StopIn("train the known network", options, null);
        Assert.Equal(Bytes("whole", "search", "search.json"), Bytes("stopped", "search", "search.json"));
    }

    [Fact]
    public void WhereOnlyParametersAreLimited_AndTimeIsLeft_TheRivalIsANeighbourThatComputesMore()
    {
        StopIn("train the known network", Options(1_200, 120), "tiny", after: 0);
        AutoPlan plan = PlanOf("stopped");
        AutoNetwork rival = AutoEpochs.Read(_folder["stopped"])!.Rival;
        Assert.False(plan.Searches);
        Assert.InRange(plan.Growth, AutoRules.LeastGrowth, plan.Epochs / (double)AutoRules.NeighbourEpochs);
        Assert.InRange(rival.MultiplyAdds, plan.Known.MultiplyAdds + 1, (long)(plan.Growth * plan.Known.MultiplyAdds));
        Assert.InRange(rival.Parameters, 1, 9_000);

        // Where multiply-adds are limited, the rival may not have more than the known network.
        AutoPlan limited = AutoPreparation.Make(
            Options(1_200, 120) with { MaxMultiplyAdds = 100_000_000 }, "tiny", null,
            new RunContext(null, new SteppingClock(), CancellationToken.None)).Plan;
        Assert.True(limited.Searches && limited.Growth == 0);
    }

    [Fact]
    public void WhereOnlyParametersAreLimited_ImagesAreAsLargeAsTheKnownNetworkHasTimeFor()
    {
        AutoPlan slow = Planned(20, null), plan = Planned(4, null), limited = Planned(4, 100_000_000);
        Assert.Equal((16, 32, 16), (slow.ImageSize, plan.ImageSize, limited.ImageSize));
        Assert.InRange(plan.Epochs, AutoRules.EnoughEpochs, int.MaxValue);
        Assert.Contains("with so few parameters", plan.Reasons[1], StringComparison.Ordinal);
        Assert.DoesNotContain("with so few parameters", string.Concat(limited.Reasons), StringComparison.Ordinal);

        AutoPlan Planned(int step, long? macs) => AutoPreparation.Make(
            Options(2_400, 1.2, side: 32) with { MaxMultiplyAdds = macs }, "tiny", null,
            new RunContext(null, new SteppingClock(step), CancellationToken.None)).Plan;
    }

    // Stops when more than a part of the stage is done; what was stopped before goes on.
    private void StopIn(string stage, AutoOptions options, string? data, double after = 0.2)
    {
        using var stop = new CancellationTokenSource();
        var heard = new Progress(value =>
        {
            if (value.Stage.EndsWith(stage, StringComparison.Ordinal) && value.Fraction > after) stop.Cancel();
        });
        Assert.ThrowsAny<OperationCanceledException>(() => Auto.Run(
            options, data, _folder["stopped"], resume: data is null, new RunContext(heard, new SteppingClock(), stop.Token)));
        Assert.Contains(heard.Values, value => value.TimeLeft > TimeSpan.Zero);
    }

    [Fact]
    public void StoppedBeforeThePlan_NothingIsWritten()
    {
        using var stop = new CancellationTokenSource();
        var heard = new Progress(_ => stop.Cancel());
        Assert.ThrowsAny<OperationCanceledException>(() => Auto.Run(
            Options(120, 1), "tiny", _folder["run"], resume: false, new RunContext(heard, new SteppingClock(), stop.Token)));
        Assert.False(Directory.Exists(_folder["run"]));
    }

    [Fact]
    public void EverythingIsThere_AndTheReportShowsIt()
    {
        var notes = new List<string>();
        var context = new RunContext(null, new SteppingClock(), CancellationToken.None)
        {
            AfterStage = RunReport.WriteInto,
            Notes = notes.Add,
        };
        AutoResult result = Auto.Run(Options(120, 1), "tiny", _folder["run"], resume: false, context);
        Assert.Equal(PlanOf("run").Stages.Select(stage => stage.Name), result.Stages.Select(stage => stage.Name));
        Assert.Equal(result.Reasons, notes.Take(result.Reasons.Length));
        foreach (string file in (string[])["plan.json", "run.json", "time.json", "epochs.json", "auto.json", "model.onnx", "report.html"])
            Assert.True(File.Exists(Path.Combine(_folder["run"], file)), file);
        string report = File.ReadAllText(Path.Combine(_folder["run"], "report.html"));
        foreach (string said in (string[])["The model", "Why it was done so", "Where the time went", "known/report.html"])
            Assert.Contains(said, report, StringComparison.Ordinal);
        Assert.Equal(60, result.Difference.Seeds);
        Assert.Equal(result.Difference.Mean, result.Model.Training.TestAccuracy - result.Baseline.Training.TestAccuracy, 9);
        using Model model = Model.Load(result.Model.Training.Run);
        Assert.Equal(3, model.Classes.Length);
    }

    [Fact]
    public void LimitsAreKept_ByModelAndBaseline()
    {
        AutoResult result = Run(Options(120, 1), "run", "tiny");
        Assert.InRange(result.Model.Training.LiveParams, 4_000, 9_000);
        Assert.InRange(result.Baseline.Training.LiveParams, 4_000, 9_000);
        // Nothing was held out to choose by.
        Assert.Equal(AutoRules.Known[1].Architecture, result.Model.Training.Architecture);
        Assert.Equal(AutoRules.Known[0].Architecture, result.Baseline.Training.Architecture);
    }

    [Fact]
    public void ALatencyThatEverythingKeeps_IsSaidOfBothNetworks()
    {
        AutoOptions options = Options(120, 3);
        AutoResult result = Run(options with { MaxLatencyMs = 1e6 }, "run", "tiny");
        foreach (AutoModel model in (AutoModel[])[result.Model, result.Baseline]) Assert.InRange(model.LatencyMs ?? 0, 1e-6, 1e6);
        Refused<BadOptionException>(options with { MaxLatencyMs = 1e-9 }, " ms. Raise the limits");
    }

    [Fact]
    public void WhatCannotBeDone_IsRefusedBeforeAnything()
    {
        Refused<BadOptionException>(Options(120, 0.01), "At least ");
        Refused<BadOptionException>(Options(120, 1) with { MaxParameters = 10 }, "no network keeps at most 10 parameters: the smallest ");
        Refused<BadDataException>(Options(12, 1), "expected 10 or more of each class");

        AutoOptions options = Options(120, 1);
        Run(options, "taken", "tiny");
        Assert.Contains(
            "holds a run already",
            Assert.Throws<BadOptionException>(() => Run(options, "taken", "tiny")).Message, StringComparison.Ordinal);
        Assert.Contains(
            "Minutes", Assert.Throws<BadOptionException>(() => Run(options with { Minutes = 2 }, "taken", null, resume: true)).Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "name the images", Assert.Throws<BadOptionException>(() => Run(options, "nothing", null, resume: true)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void OfAFolder_FilesThatCannotBeUsedAreCounted_AndOneClassIsRefused()
    {
        string[] pictures = [.. Pictures.Names.Where(name => Pictures.Shown(name) is { Width: > 7, Height: > 7 }).Take(4)];
        foreach (string label in (string[])["photos/cat", "photos/dog", "single/cat"])
        {
            Directory.CreateDirectory(_folder[label]);
            for (int i = 0; i < 60; i++)
            {
                string picture = pictures[i % pictures.Length];
                File.Copy(Pictures.PathOf(picture), Path.Combine(_folder[label], $"{i}-{picture}"));
            }
        }
        File.WriteAllText(_folder["photos/cat/broken.jpg"], "no picture");
        AutoOptions options = new() { Minutes = 2, Threads = 1, CacheFolder = _folder["cache"] };

        AutoResult result = Run(options, "run", $"images:{_folder["photos"]}");
        Assert.Equal((2, 1), (PlanOf("run").Images.Classes, PlanOf("run").Images.LeftOut));
        Assert.Contains("1 file cannot be used and is left out", result.Reasons[0], StringComparison.Ordinal);
        Assert.Contains(
            "one class", Assert.Throws<BadDataException>(() => Run(options, "one", $"images:{_folder["single"]}")).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["one"]));
    }

    // What is searched costs no more than the known network, and images that train neither choose; where nothing could be held out, nothing
    // is searched.
    private static void RequireChosenFairly(AutoResult result, AutoPlan plan, bool searches)
    {
        RetrainingResult[] both = [result.Model.Training, result.Baseline.Training];
        Assert.Equal(searches, plan.Searches);
        Assert.Equal(searches ? 120 : 0, plan.Images.HeldOut);
        Assert.All(both, one => Assert.Equal(plan.Images.HeldOut, one.Setup.RankingImages));
        Assert.Contains(both, one => one.Architecture == AutoRules.Known[0].Architecture);
        if (!searches) return;
        Assert.All(both, one => Assert.True(one.LiveParams <= plan.Known.Parameters && one.LiveMacs <= plan.Known.MultiplyAdds));
        Assert.True(both[0].ValidationAccuracy >= both[1].ValidationAccuracy, "the worse one was taken");
    }

    private void Refused<T>(AutoOptions options, string message)
        where T : PandaNasException
    {
        Assert.Contains(message, Assert.Throws<T>(() => Run(options, "refused", "tiny")).Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["refused"]));
    }

    private AutoResult Run(AutoOptions options, string folder, string? data, bool resume = false) =>
        Auto.Run(options, data, _folder[folder], resume, new RunContext(null, new SteppingClock(), CancellationToken.None));

    private AutoPlan PlanOf(string folder) => AutoPlan.Read(_folder[folder])!;

    private byte[] Bytes(params string[] path) => File.ReadAllBytes(Path.Combine([_folder[path[0]], .. path.Skip(1)]));

    private static AutoOptions Options(int images, double minutes, int side = 16) => new()
    {
        Catalog = Catalog.Default.With(new ImageFormat("tiny", HasPath: false, (_, _, _, _) => Tiny(images, side))),
        Minutes = minutes,
        MaxParameters = 9_000,
        Threads = 1,
        Seed = 5,
    };

    // Three classes that differ in which rows are bright.
    private static ImageData Tiny(int images, int side)
    {
        return new ImageData("tiny", Part(images, 1), Part(60, 2));

        ImageSet Part(int count, int seed)
        {
            byte[] pixels = new byte[count * side * side];
            new Random(seed).NextBytes(pixels);
            int[] labels = [.. Enumerable.Range(0, count).Select(i => i % 3)];
            for (int i = 0; i < pixels.Length; i++)
                pixels[i] = (byte)(pixels[i] / 2 + (i / side % side % 3 == labels[i / (side * side)] ? 120 : 0));
            return ImageSet.FromArray(pixels, labels, 1, side, side, ["a", "b", "c"]);
        }
    }

    private sealed class Progress(Action<RunProgress> heard) : IProgress<RunProgress>
    {
        public List<RunProgress> Values { get; } = [];

        public void Report(RunProgress value)
        {
            Values.Add(value);
            heard(value);
        }
    }

    // Torch and disks take no time by it, so that plans are the same on every machine.
    private sealed class SteppingClock(int milliseconds = 65) : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1_000;

        public override long GetTimestamp() => Interlocked.Add(ref _now, milliseconds);
    }
}
