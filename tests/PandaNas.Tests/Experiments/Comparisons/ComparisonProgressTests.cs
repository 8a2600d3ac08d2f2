using PandaNas.Experiments.Comparisons;
using PandaNas.Experiments.Runs;

namespace PandaNas.Tests.Experiments.Comparisons;

public sealed class ComparisonProgressTests
{
    [Fact]
    public void Pieces_AddUpToTheWholeByTheirWork()
    {
        var reports = new Recorder();
        var progress = new ComparisonProgress(new RunContext(reports, TimeProvider.System, CancellationToken.None), "compare", 10);
        RunContext training = progress.Begin("spos seed 0", "train", 0, 6);
        Assert.Empty(reports.Values);
        training.Report("read images", 1);
        training.Report("train", 0.5, "epoch 3");
        progress.Begin("spos seed 0", "rank", 6, 2).Report("rank", 0.25);
        progress.Finish("spos seed 0", 8);
        progress.Begin("spos seed 1", "train", 0, 2).Report("train", 1);

        Assert.Equal([0.3, 0.65, 1], reports.Values.Select(value => Math.Round(value.Fraction, 9)));
        Assert.All(reports.Values, value => Assert.Equal("compare", value.Stage));
        Assert.Equal("spos seed 0: train 50%, epoch 3", reports.Values[0].Detail);
    }

    [Fact]
    public void Progress_NeverGoesBack()
    {
        var reports = new Recorder();
        var progress = new ComparisonProgress(new RunContext(reports, TimeProvider.System, CancellationToken.None), "compare", 4);
        RunContext piece = progress.Begin("a", "train", 0, 4);
        foreach (double fraction in (double[])[0.5, 0.25, 0.75, 2]) piece.Report("train", fraction);
        Assert.Equal([0.5, 0.5, 0.75, 1], reports.Values.Select(value => value.Fraction));
    }

    [Fact]
    public void WhatAnotherProcessFinishes_CountsBesideWhatIsBegunHere()
    {
        var reports = new Recorder();
        var progress = new ComparisonProgress(new RunContext(reports, TimeProvider.System, CancellationToken.None), "compare", 8);
        RunContext here = progress.Begin("a", "train", 0, 4);
        here.Report("train", 0.5);
        progress.Finish("b", 4);
        here.Report("train", 0.75);
        Assert.Equal([0.25, 0.875], reports.Values.Select(value => value.Fraction));
    }

    private sealed class Recorder : IProgress<RunProgress>
    {
        public List<RunProgress> Values { get; } = [];

        public void Report(RunProgress value) => Values.Add(value);
    }
}
