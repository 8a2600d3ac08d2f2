using PandaNas.Data.Formats;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Tests.Data;
using PandaNas.Tests.Documentation;
using PandaNas.Tests.Supernets.Definitions;

namespace PandaNas.Tests;

/// <summary>The way that a program takes through the library: train, rank, search, retrain, predict.</summary>
public sealed class SupernetTests : IDisposable
{
    /// <summary>A supernet that trains in a second.</summary>
    internal static readonly SupernetOptions Tiny = new()
    {
        Channels = 2,
        Cells = 1,
        ImageSize = 8,
        TrainImages = 100,
        ValidationImages = 100,
        Epochs = 2,
        BatchSize = 25,
        Threads = 1,
        Precision = PrecisionChoice.Float32,
    };

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void TheWholeWay_GivesAModel_AndResultsOutliveTheSupernet()
    {
        var heard = new Progress();
        RankingResult ranking;
        SearchResult found;
        Supernet supernet = Supernet.Train(Images.FashionMnistSmall, Tiny, _folder["run"], heard, Token);
        using (supernet)
        {
            Assert.Equal((2, Path.GetFullPath(_folder["run"])), (supernet.Training.Epochs, supernet.Folder));
            ranking = supernet.Rank(5, heard, Token);
            found = supernet.Search(new() { Algorithm = "random", Evaluations = 6, MaxParameters = 5_000 }, heard, Token);
            using Model model = supernet.Retrain(found.Best, new() { Epochs = 1 }, progress: heard, cancel: Token);
            Assert.Equal((found.Best.Architecture, 10, 8), (model.Architecture, model.Classes.Length, model.ImageSize));
            Assert.StartsWith(supernet.Folder, model.Folder, StringComparison.Ordinal);
            Assert.Contains(model.Predict(new byte[28 * 28], 28, 28).Label, model.Classes);
            using Model second = supernet.Retrain(ranking.BestFirst[0].Architecture, new() { Epochs = 1 }, cancel: Token);
            Assert.NotEqual(model.Folder, second.Folder);
            model.ExportOnnx(_folder["model.onnx"]);
            supernet.ExportOnnx(found.Best.Architecture, _folder["inherited.onnx"], cancel: Token);
            foreach (string file in (string[])["model.onnx", "inherited.onnx"])
            {
                using var session = new PandaNas.OnnxRuntime.OnnxSession(File.ReadAllBytes(_folder[file]), 1);
                Assert.All(session.Run(new float[64], 1, 1, 8, 8), logit => Assert.True(float.IsFinite(logit)));
            }
        }
        Assert.Equal(5, ranking.BestFirst.Length);
        Assert.True(found.Best.Parameters <= 5_000);
        IEnumerable<string> stages = heard.Values.Select(value => value.Stage).Where(stage => stage != "note").Distinct();
        Assert.Equal(["train supernet", "reference sample", "rank architectures", "search", "retrain"], stages);
        Assert.Contains(heard.Values, value => value.Stage == "note" && value.Detail.StartsWith("Images: ", StringComparison.Ordinal));
        Assert.Contains(heard.Values, value => value.TimeLeft is not null);
        Assert.Throws<ObjectDisposedException>(() => supernet.Rank(5, cancel: Token));
        Assert.Throws<ObjectDisposedException>(() => supernet.Search(cancel: Token));
        Assert.Throws<ObjectDisposedException>(() => supernet.Retrain(found.Best, cancel: Token));

        using Supernet again = Supernet.Open(_folder["run"]);
        Assert.Equal(Scored(ranking.BestFirst), Scored(again.Rank(5, cancel: Token).BestFirst));
        Assert.Equal(
            Scored(found.Top),
            Scored(again.Search(new() { Algorithm = "random", Evaluations = 6, MaxParameters = 5_000 }, cancel: Token).Top));

        static IEnumerable<(string, double?, double?)> Scored(IEnumerable<ScoredArchitecture> some) =>
            some.Select(one => (one.Architecture, one.Accuracy, one.Score));
    }

    // Space, method and format are this assembly's: the library finds them in the catalog, also when a run goes on.
    [Fact]
    public void AnInterruptedTraining_OfOnesOwnSpaceMethodAndFormat_GoesOnToTheSameBytes()
    {
        Catalog catalog = Catalog.Default
            .With(SmallSpaces.WithModule(SmallSpaces.Normed(normalize: true)))
            .With(TurnsPathSampler.Method)
            .With(new ImageFormat("noise", HasPath: false, (_, _, _, _) => CatalogTests.NoiseImages()))
            .With(new SearchAlgorithm("first", _ => new FirstArchitecture()));
        SupernetOptions options = new()
        {
            Catalog = catalog,
            Space = "own",
            Method = "turns",
            Epochs = 4,
            BatchSize = 4,
            ValidationImages = 4,
            Threads = 1,
            Precision = PrecisionChoice.Float32,
        };
        Images images = Images.Open("noise", catalog);
        Supernet.Train(images, options, _folder["whole"], cancel: Token).Dispose();

        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => Supernet.Train(images, options, _folder["cut"], new Progress(value =>
        {
            if (value is { Stage: "train supernet", Fraction: > 0.4 }) stop.Cancel();
        }), stop.Token));
        BadDataException unfinished = Assert.Throws<BadDataException>(() => Supernet.Open(_folder["cut"], catalog));
        Assert.Contains("not finished", unfinished.Message, StringComparison.Ordinal);
        Assert.Contains(_folder["cut"], unfinished.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("--", unfinished.Message, StringComparison.Ordinal);
        using Supernet resumed = Supernet.Resume(_folder["cut"], catalog, cancel: Token);
        Assert.Equal("turns", resumed.Training.Method);
        Assert.Equal(File.ReadAllBytes(_folder["whole", "weights.safetensors"]), File.ReadAllBytes(_folder["cut", "weights.safetensors"]));
        SearchResult found = resumed.Search(new() { Algorithm = "first" }, cancel: Token);
        Assert.Equal(("first", 1), (found.Algorithm, found.Top.Length));
        using Model model = resumed.Retrain(found.Best, new() { Epochs = 1, BatchSize = 4 }, cancel: Token);
        Assert.Equal(["a", "b"], Model.Load(model.Folder, catalog).Classes);
        // Without the catalog the names are unknown, and the run is named.
        var unknown = Assert.Throws<BadDataException>(() => Supernet.Resume(_folder["cut"], cancel: Token));
        Assert.Contains("own", unknown.Message, StringComparison.Ordinal);
        Assert.Contains("Catalog.With", Assert.Throws<BadDataException>(() => Model.Load(model.Folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AMeasuredTable_LimitsASearch()
    {
        using Supernet supernet = Supernet.Train(Images.FashionMnistSmall, Tiny with { Epochs = 1 }, _folder["run"], cancel: Token);
        var few = new LatencyOptions { Threads = 1, WarmUp = 0, Repetitions = 1, Rounds = 1, Networks = 2, HeldOut = 1 };
        LatencyTableSummary table = supernet.MeasureLatencyTable(few, _folder["table.json"], RunContext.Quiet with { Stop = Token });
        Assert.Equal((Path.GetFullPath(_folder["table.json"]), 1), (table.Table, table.HeldOut.Length));
        SearchResult found = supernet.Search(
            new() { Algorithm = "random", Evaluations = 3, MaxLatencyMs = 1e6, LatencyTable = table.Table }, cancel: Token);
        Assert.All(found.Top, one => Assert.True(one.LatencyMs > 0));
        supernet.Dispose();
        Assert.Throws<ObjectDisposedException>(() => supernet.MeasureLatencyTable(_folder["table.json"], cancel: Token));
    }

    [Fact]
    public void AnInterruptedRetraining_GoesOnToTheSameBytes()
    {
        using Supernet supernet = Supernet.Train(Images.FashionMnistSmall, Tiny with { Epochs = 1 }, _folder["run"], cancel: Token);
        string architecture = supernet.Rank(2, cancel: Token).BestFirst[0].Architecture;
        RetrainOptions options = new() { Epochs = 3, TrainImages = 100, BatchSize = 25 };
        supernet.Retrain(architecture, options, _folder["whole"], cancel: Token).Dispose();
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => supernet.Retrain(architecture, options, _folder["cut"], new Progress(value =>
        {
            if (value is { Stage: "retrain", Fraction: > 0.4 }) stop.Cancel();
        }), stop.Token));
        Assert.Throws<BadDataException>(() => Model.Load(_folder["cut"]));
        using Model resumed = Model.Resume(_folder["cut"], cancel: Token);
        Assert.Equal(File.ReadAllBytes(_folder["whole", "weights.safetensors"]), File.ReadAllBytes(_folder["cut", "weights.safetensors"]));
    }

    [Fact]
    public void AWrongOption_IsRefusedBeforeAnyWork_ByItsPropertyValueAndRange()
    {
        Refuses("Epochs", "-1", () => Tiny with { Epochs = -1 });
        Refuses("Method", "'panda'", () => Tiny with { Method = "pandas" });
        Refuses("Space", "'nasbench201'", () => Tiny with { Space = "nasbench20" });
        Refuses("WarmUpEpochs", "5", () => Tiny with { WarmUpEpochs = 5 });
        using Supernet supernet = Supernet.Train(Images.FashionMnistSmall, Tiny with { Epochs = 1 }, _folder["run"], cancel: Token);
        foreach (Action wrong in (Action[])[
            () => supernet.Search(new() { Algorithm = "evolutoin" }, cancel: Token),
            () => supernet.Search(new() { MaxLatencyMs = 1 }, cancel: Token),
            () => supernet.Rank(new RankOptions { MinTruth = 90 }, cancel: Token),
            () => supernet.Retrain("|no architecture|", cancel: Token),
            () => Supernet.Train(Images.FashionMnistSmall, Tiny, _folder["run"], cancel: Token)])
            Assert.DoesNotContain("--", Assert.Throws<BadOptionException>(wrong).Message, StringComparison.Ordinal);
        Assert.Throws<BadDataException>(() => Images.Open($"images:{_folder["nowhere"]}"));
        Assert.Throws<BadDataException>(() => ImageFolder.Open(_folder["nowhere"]));
        Assert.Throws<BadDataException>(() => Supernet.Open(_folder["nowhere"]));

        void Refuses(string property, string said, Func<SupernetOptions> options)
        {
            var error = Assert.Throws<BadOptionException>(
                () => Supernet.Train(Images.FashionMnistSmall, options(), _folder["new"], cancel: Token));
            string message = error.Message;
            Assert.Contains(property, message, StringComparison.Ordinal);
            Assert.Contains(said, message, StringComparison.Ordinal);
            Assert.DoesNotContain("--", message, StringComparison.Ordinal);
            Assert.False(Directory.Exists(_folder["new"]));
        }
    }

    private sealed class FirstArchitecture : ISearchAlgorithm
    {
        public SearchOutcome Run(
            SearchProblem problem, RandomStream stream, IProgress<SearchProgress>? progress, CancellationToken cancellation)
        {
            Architecture first = problem.Space.At(0);
            double accuracy = problem.Evaluate([first])[0];
            return new SearchOutcome([new(first, problem.Space.Format(first), accuracy, problem.CostOf(first))], 1);
        }
    }

    private sealed class Progress(Action<RunProgress>? then = null) : IProgress<RunProgress>
    {
        public List<RunProgress> Values { get; } = [];

        public void Report(RunProgress value)
        {
            Values.Add(value);
            then?.Invoke(value);
        }
    }
}
