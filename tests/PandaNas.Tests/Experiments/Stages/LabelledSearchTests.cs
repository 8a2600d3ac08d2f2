using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking;
using PandaNas.Supernets;
using PandaNas.Tests.Data;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests.Experiments.Stages;

public sealed class LabelledSearchTests : IDisposable
{
    // Few architectures keep the limit, so that little has to be scored.
    private static readonly SearchOptions Options = new()
    {
        Labels = 8,
        LabelEpochs = 2,
        LabelScores = "none",
        Ranker = "accuracy+live-params",
        Reference = 20,
        Algorithm = "random",
        Evaluations = 60,
        MaxParameters = 1_300,
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Labels_AreHeldOutAccuraciesOfDifferentNetworks_AndOrderWhatIsFound()
    {
        using Supernet supernet = Trained("run");
        var heard = new List<RunProgress>();
        SearchResult found = supernet.Search(Options, new Progress(heard.Add), Token);
        LabelReport labels = found.Labels!;
        Assert.Equal((8, 2, 100, 0), (labels.Labels.Length, labels.Epochs, labels.Images, labels.Diverged));
        SpaceFamily family = Catalog.Default.Spaces[0];
        Assert.Equal(
            8, labels.Labels.Select(label => family.Space.LiveGraphKey(family.Space.Parse(label.Architecture))).Distinct().Count());
        Assert.All(labels.Labels, label => Assert.Equal(label.Accuracy * 100, Math.Round(label.Accuracy * 100), 9));
        var sizes = new NetworkOptions(1, 8, 10, 2, 1);
        Assert.All(labels.Labels, label =>
            Assert.True(family.Cost(sizes, family.Space.Parse(label.Architecture)).Parameters <= 1_300));
        double square = labels.Labels.Average(label => (label.Accuracy - label.Predicted) * (label.Accuracy - label.Predicted));
        Assert.Equal(Math.Sqrt(square), labels.Rmse, 12);
        Assert.Equal(
            KendallTau.Compute(
                [.. labels.Labels.Select(label => label.Predicted)], [.. labels.Labels.Select(label => label.Accuracy)]),
            labels.KendallTau!.Value, 12);
        Assert.InRange(labels.Rmse, labels.RmseCi95!.Value.Lower, labels.RmseCi95.Value.Upper);
        Assert.Equal(found.Top.OrderByDescending(one => one.Score).Select(one => one.Score), found.Top.Select(one => one.Score));
        Assert.Contains("depth", found.Best.Scores!.Keys);
        Assert.Equal("accuracy+live-params", found.Ranker!.Formula);
        RunProgress[] told = [.. heard.Where(value => value.Stage == "labels")];
        Assert.Equal(1, told[^1].Fraction);
        Assert.Contains(told, value => value.TimeLeft > TimeSpan.Zero);
        Assert.Equal(told.Select(value => value.Fraction).Order(), told.Select(value => value.Fraction));

        LabelReport kept = SearchExperiment.ReadResult(_folder["run"])!.Labels!;
        Assert.Equal(labels.Labels, kept.Labels);
        Assert.Equal(labels.KendallTauCi95, kept.KendallTauCi95);
    }

    [Fact]
    public void InterruptedInALabel_TheSearchGoesOnThere_AndEndsAsIfNothingHadHappened()
    {
        Trained("run").Dispose();
        CopyRun("run", "other");
        using (Supernet whole = Supernet.Open(_folder["other"])) whole.Search(Options, cancel: Token);
        foreach (double at in (double[])[1.6 / 8, 4.9 / 8])
        {
            using Supernet supernet = Supernet.Open(_folder["run"]);
            using var stop = new CancellationTokenSource();
            Assert.ThrowsAny<OperationCanceledException>(() => supernet.Search(Options, new Progress(value =>
            {
                if (value.Stage == "labels" && value.Fraction > at) stop.Cancel();
            }), stop.Token));
            Assert.Equal((int)(8 * at), File.ReadLines(LabelsOf("run")).Count());
            Assert.Single(Directory.GetDirectories(_folder["run", LabelTraining.FolderName]));
        }
        using (Supernet again = Supernet.Open(_folder["run"])) again.Search(Options, cancel: Token);
        Assert.Equal(File.ReadAllText(LabelsOf("other")), File.ReadAllText(LabelsOf("run")));
        Assert.Equal(
            File.ReadAllText(_folder["other", SearchExperiment.ResultName]), File.ReadAllText(_folder["run", SearchExperiment.ResultName]));
        Assert.False(Directory.Exists(_folder["run", LabelTraining.FolderName]));
    }

    [Fact]
    public void ALabelThatIsKept_IsNotTrainedAgain_AndOneThatDivergedCountsAsGuessing()
    {
        using Supernet supernet = Trained("run");
        supernet.Search(Options with { LabelEpochs = 1 }, cancel: Token);
        string[] lines = File.ReadAllLines(LabelsOf("run"));
        lines[0] = lines[0][..(lines[0].LastIndexOf(',') + 1)] + "0.75";
        lines[1] = lines[1][..(lines[1].LastIndexOf(',') + 1)] + "NaN";
        File.WriteAllLines(LabelsOf("run"), lines);
        LabelReport report = supernet.Search(Options with { LabelEpochs = 1 }, cancel: Token).Labels!;
        Assert.Equal((0.75, 0.1, 1), (report.Labels[0].Accuracy, report.Labels[1].Accuracy, report.Diverged));
    }

    [Fact]
    public void TwoRanks_TrainTheSameLabels()
    {
        Trained("run").Dispose();
        CopyRun("run", "shared");
        using (Supernet alone = Supernet.Open(_folder["run"])) alone.Search(Options, cancel: Token);
        SharedSearch.ByTwoRanks(_folder["shared"], Options, Token);
        Assert.Equal(File.ReadAllText(LabelsOf("run")), File.ReadAllText(LabelsOf("shared")));
        Assert.Equal(
            File.ReadAllText(_folder["run", SearchExperiment.ResultName]),
            File.ReadAllText(_folder["shared", SearchExperiment.ResultName]));
    }

    [Fact]
    public void InASpaceOfOnesOwn_WithSeveralObjectivesAndProxies_ItFindsAFront()
    {
        Catalog catalog = Catalog.Default.With(SmallSpaces.FromYaml());
        using Supernet supernet = Supernet.Train(
            Images.FashionMnistSmall,
            SupernetTests.Tiny with { Catalog = catalog, Space = "small", Channels = 0, Cells = 0 }, _folder["own"], cancel: Token);
        SearchResult found = supernet.Search(
            new()
            {
                Labels = 9,
                LabelEpochs = 1,
                LabelScores = "synflow",
                Reference = 20,
                Algorithm = "nsga2",
                Generations = 2,
                Population = 10,
            },
            cancel: Token);
        Assert.Equal(9, found.Labels!.Labels.Length);
        Assert.NotEmpty(found.ParetoFront);
        Assert.Contains("synflow", found.Best.Scores!.Keys);
        Assert.DoesNotContain("jacov", found.Best.Scores.Keys);
    }

    [Fact]
    public void WhatCannotBeLearned_IsRefusedBeforeAnyTraining()
    {
        using Supernet supernet = Trained("run");
        Assert.Contains("at least 8", Refusal(Options with { Labels = 7 }), StringComparison.Ordinal);
        Assert.Contains("no labels are trained", Refusal(new() { LabelEpochs = 3 }), StringComparison.Ordinal);
        Assert.Contains("no labels are trained", Refusal(new() { LabelScores = "synflow" }), StringComparison.Ordinal);
        Assert.Contains("Did you mean 'synflow'", Refusal(Options with { LabelScores = "synflw" }), StringComparison.Ordinal);
        Assert.Contains("has weights", Refusal(Options with { LabelScores = "2*synflow" }), StringComparison.Ordinal);
        string few = Refusal(Options with { Labels = 400 });
        Assert.Matches(@"Labels is 400, but only \d+ architectures .* at most 1,300 parameters: choose at most \d+, or wider limits", few);
        Assert.False(Directory.Exists(_folder["run", LabelTraining.FolderName]));

        using Supernet released = Supernet.Train(
            Images.FashionMnistSmall, SupernetTests.Tiny with { Protocol = Protocol.Released, Epochs = 1 }, _folder["released"],
            cancel: Token);
        Assert.Contains(
            "ranks on the test images", Assert.Throws<BadOptionException>(() => released.Search(Options, cancel: Token)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["released", "scores"]));

        string Refusal(SearchOptions options) =>
            Assert.Throws<BadOptionException>(() => supernet.Search(options, cancel: Token)).Message;
    }

    private string LabelsOf(string run) => Assert.Single(Directory.GetFiles(_folder[run, "scores"], "label-*"));

    private Supernet Trained(string name) =>
        Supernet.Train(Images.FashionMnistSmall, SupernetTests.Tiny, _folder[name], cancel: Token);

    private void CopyRun(string from, string to)
    {
        foreach (string path in Directory.GetFiles(_folder[from], "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(_folder[to], Path.GetRelativePath(_folder[from], path));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(path, target);
        }
    }

    private sealed class Progress(Action<RunProgress> heard) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => heard(value);
    }
}
