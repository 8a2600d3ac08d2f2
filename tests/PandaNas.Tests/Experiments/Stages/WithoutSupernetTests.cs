using PandaNas.Experiments.Options;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking.Rankers;
using PandaNas.Reporting.Overviews;
using PandaNas.Reporting.Pages;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Data;

namespace PandaNas.Tests.Experiments.Stages;

/// <summary>Ranking and searching by scores that take no trained supernet: nothing is trained, and nothing is evaluated.</summary>
public sealed class WithoutSupernetTests : IDisposable
{
    private const string Free = "live-params+synflow";

    private static readonly SearchOptions Few = new() { Algorithm = "random", Evaluations = 30, Reference = 20, MaxParameters = 2_000 };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void ZeroEpochs_RankSearchAndRetrain_ByTheRestOfTheSpacesRanker()
    {
        Supernet supernet = Untrained("run");
        using Supernet _ = supernet;
        Assert.Equal((0, null), (supernet.Training.Epochs, supernet.Training.ValidationAccuracy));
        Assert.False(File.Exists(_folder["run", "weights.safetensors"]));

        RankingResult ranking = supernet.Rank(new RankOptions { Architectures = 12, Reference = 20 }, cancel: Token);
        RankerFormula own = RankerFormula.Parse(new NasBench201Family().Ranker, Catalog.Default.Scores);
        Assert.Equal((own.WithoutSupernet!.ToString(), 0, 0), (ranking.Ranker!.Formula, ranking.Images, ranking.Evaluated));
        Assert.All(ranking.BestFirst, one => Assert.Null(one.Accuracy));
        Assert.StartsWith(
            "architecture,params,macs,score,", File.ReadLines(_folder["run", "ranking.csv"]).First(), StringComparison.Ordinal);
        RankingResult stored = RankingExperiment.ReadResult(_folder["run"])!;
        Assert.Equal(
            ranking.BestFirst.Select(one => (one.Architecture, one.Accuracy, one.Parameters, one.MultiplyAdds, one.Score)),
            stored.BestFirst.Select(one => (one.Architecture, one.Accuracy, one.Parameters, one.MultiplyAdds, one.Score)));

        SearchResult found = supernet.Search(Few, cancel: Token);
        Assert.Equal((null, null, null), (found.Best.Accuracy, found.Certainty.BestCi95, found.Certainty.Within));
        Assert.Equal(found.Top.Select(one => one.Score).OrderDescending(), found.Top.Select(one => one.Score));
        using Model model = supernet.Retrain(found.Best, new() { Epochs = 1 }, cancel: Token);
        Assert.Equal(found.Best.Architecture, model.Architecture);

        supernet.Dispose();
        Report.Write([_folder["run"]], _folder["run", RunReport.FileName]);
        string page = File.ReadAllText(_folder["run", RunReport.FileName]);
        Assert.Contains("which takes no supernet", page, StringComparison.Ordinal);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        var summary = RunSummary.Read(_folder["run"], DateTimeOffset.UtcNow);
        Assert.Equal((RunState.Done, null, 1), (summary.State, summary.Problem, summary.Progress));
        Assert.Equal("best_score", summary.Best!.Name);
    }

    [Fact]
    public void ARankerThatTakesASupernet_IsRefusedWithoutOne_BeforeAnyWork()
    {
        using Supernet supernet = Untrained("run");
        Assert.Contains(
            "Ranker is 'accuracy+live-params', which takes a trained supernet, and this one was trained for 0 epochs: choose of",
            Refusal(() => supernet.Search(Few with { Ranker = "accuracy+live-params" }, cancel: Token)), StringComparison.Ordinal);
        Assert.Contains(
            "'loss'", Refusal(() => supernet.Rank(new RankOptions { Ranker = "loss" }, cancel: Token)), StringComparison.Ordinal);
        Assert.Contains(
            "live-params+jacov scores on none: leave it out",
            Refusal(() => supernet.Rank(new RankOptions { Ranker = "live-params+jacov", Screen = "40:50%" }, cancel: Token)),
            StringComparison.Ordinal);
        Assert.Contains(
            "has no weights", Assert.Throws<BadDataException>(() => supernet.ExportOnnx(
                NasBench201Space.Instance.Format(NasBench201Space.Instance.At(1)), _folder["x.onnx"], cancel: Token)).Message,
            StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["run", "scores"]));

        // Of this space nothing is known, so that its ranker is the accuracy.
        using Supernet unknown = Supernet.Train(
            Images.FashionMnistSmall, SupernetTests.Tiny with { Epochs = 0, Space = "residual", Channels = 0, Cells = 0, ImageSize = 16 },
            _folder["residual"], cancel: Token);
        Assert.Contains(
            "Ranker of residual is, unless given, 'accuracy'", Refusal(() => unknown.Search(Few, cancel: Token)), StringComparison.Ordinal);
        Assert.Contains(
            "at least one epoch", Refusal(() => Comparison.Run(
                Images.FashionMnistSmall, new ComparisonOptions { Methods = ["spos", "panda"] }, SupernetTests.Tiny with { Epochs = 0 },
                _folder["compared"], cancel: Token)),
            StringComparison.Ordinal);

        static string Refusal(Action work) => Assert.Throws<BadOptionException>(work).Message;
    }

    [Fact]
    public void ATrainedSupernet_EvaluatesNothingForARankerThatTakesNone()
    {
        using Supernet supernet = Supernet.Train(Images.FashionMnistSmall, SupernetTests.Tiny, _folder["run"], cancel: Token);
        RankingResult ranking = supernet.Rank(new RankOptions { Architectures = 10, Ranker = Free, Reference = 20 }, cancel: Token);
        SearchResult found = supernet.Search(Few with { Ranker = Free }, cancel: Token);
        Assert.Equal((0, 0, 0), (ranking.Images, ranking.Evaluated, found.Images));
        Assert.Empty(Directory.GetFiles(_folder["run", "scores"], "accuracy-*"));

        // Scores and not the training decide: of the same sizes, images and seed nothing else is said without one.
        using Supernet untrained = Untrained("untrained");
        Assert.Equal(
            found.Top.Select(one => (one.Architecture, one.Score)),
            untrained.Search(Few with { Ranker = Free }, cancel: Token).Top.Select(one => (one.Architecture, one.Score)));
        Assert.NotNull(supernet.Search(Few with { Ranker = "accuracy" }, cancel: Token).Best.Accuracy);
    }

    [Fact]
    public void WhoNamesNoRanker_GetsThatOfTheSpace_AndItIsStored()
    {
        using Supernet supernet = Supernet.Train(Images.FashionMnistSmall, SupernetTests.Tiny, _folder["run"], cancel: Token);
        SearchResult found = supernet.Search(Few, cancel: Token);
        Assert.Equal(Catalog.Default.Spaces[0].Ranker, found.Ranker!.Formula);
        Assert.Equal(found.Ranker.Formula, SearchExperiment.ReadResult(_folder["run"])!.Options["ranker"]);
        Assert.Equal(
            ["0.25*accuracy+live-params+0.5*jacov+0.75*featcov+0.25*meco", "accuracy+live-params", "naswot+live-macs"],
            Catalog.Default.Spaces.Select(family => family.Ranker));
    }

    [Fact]
    public void Labels_AreTrainedWithoutASupernet_ByTwoRanksAsByOne()
    {
        SearchOptions options = Few with { Labels = 8, LabelEpochs = 1, LabelScores = "none", Ranker = Free, MaxParameters = 1_300 };
        using (Supernet alone = Untrained("run"))
        {
            SearchResult found = alone.Search(options, cancel: Token);
            Assert.Equal((8, 100), (found.Labels!.Labels.Length, found.Labels.Images));
        }
        Untrained("shared").Dispose();
        SharedSearch.ByTwoRanks(_folder["shared"], options, Token);
        Assert.Equal(
            SearchExperiment.ReadResult(_folder["run"])!.Labels!.Labels, SearchExperiment.ReadResult(_folder["shared"])!.Labels!.Labels);
    }

    private Supernet Untrained(string name) => Supernet.Train(
        Images.FashionMnistSmall, SupernetTests.Tiny with { Epochs = 0 }, _folder[name], cancel: Token);
}
