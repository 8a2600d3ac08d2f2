using PandaNas.Experiments.Options;
using PandaNas.Experiments.Scoring;
using PandaNas.Experiments.Stages;
using PandaNas.Ranking.Rankers;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.Operations;
using PandaNas.Tests.Data;
using PandaNas.Tests.Supernets.Definitions;
using static TorchSharp.torch;

namespace PandaNas.Tests.Experiments.Scoring;

public sealed class ArchitectureRankerTests : IDisposable
{
    private const string Mixed = "2*accuracy+live-params+0.5*jacov+synflow";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void AScore_DoesNotDependOnWhatElseIsAskedFor_AndIsTheSameInSearch()
    {
        using Supernet supernet = Trained();
        var options = new RankOptions { Architectures = 8, Ranker = Mixed, Reference = 40 };
        Dictionary<string, double> few = Scores(supernet.Rank(options, cancel: Token));
        Dictionary<string, double> many = Scores(supernet.Rank(options with { Architectures = 30 }, cancel: Token));
        Assert.All(few, one => Assert.Equal(one.Value, many[one.Key]));
        Assert.True(many.Values.Distinct().Count() > 20);

        SearchResult found = supernet.Search(
            new() { Algorithm = "random", Evaluations = 60, Top = 60, Ranker = Mixed, Reference = 40, MaxParameters = 2_000 },
            cancel: Token);
        Assert.Equal(found.Top.OrderByDescending(one => one.Score).Select(one => one.Score), found.Top.Select(one => one.Score));
        File.WriteAllLines(_folder["mine.txt"], found.Top.Select(one => one.Architecture));
        Dictionary<string, double> ranked = Scores(
            supernet.Rank(new RankOptions { Architectures = _folder["mine.txt"], Ranker = Mixed, Reference = 40 }, cancel: Token));
        Assert.All(found.Top, one => Assert.Equal(ranked[one.Architecture], one.Score!.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void TheScore_IsTheGeometricMeanOfRelativeRanks_WhichOrdersLikeTheSumOfLogRanks(int networks)
    {
        using Supernet supernet = Trained();
        const int Reference = 50;
        RankingResult ranking = supernet.Rank(
            new RankOptions { Architectures = 20, Ranker = Mixed, Reference = Reference, InitialNetworks = networks }, cancel: Token);
        supernet.Dispose();

        using SupernetEvaluation evaluation = SupernetEvaluation.Open(
            _folder["run"], 0, 0, stored => stored, PandaNas.Experiments.Runs.RunContext.Quiet);
        ScoreSetting[] settings = [.. Enumerable.Range(0, networks).Select(network => evaluation.ScoresOn(0, network))];
        ScoreSetting setting = settings[0];
        IReadOnlyList<Architecture> sample = UniformArchitectures.DrawDistinct(
            setting.Space, Reference, RandomStream.Derive(0, "reference"));
        (string Name, double Weight, int Count, int Networks)[] terms =
            [("accuracy", 2, 5, 1), ("live-params", 1, 50, 1), ("jacov", 0.5, 5, networks), ("synflow", 1, 5, networks)];
        foreach (ScoredArchitecture one in ranking.BestFirst)
        {
            Architecture architecture = setting.Space.Parse(one.Architecture);
            double sum = 0;
            foreach ((string name, double weight, int count, int drawn) in terms)
            {
                double[] scores = new double[drawn];
                for (int network = 0; network < drawn; network++)
                {
                    Func<Architecture, double> score = Catalog.Default.Scores.Single(known => known.Name == name).Make(settings[network]);
                    var ranks = new ReferenceRanks([.. sample.Take(count).Select(score)]);
                    scores[network] = score(architecture);
                    sum += weight * Math.Log(ranks.RankOf(scores[network]) / (count + 0.5)) / drawn;
                }
                // Weights differ and, where they are looked at, images.
                if (double.IsFinite(scores[0])) Assert.Equal(drawn, scores.Distinct().Count());
                if (name != "accuracy") Assert.Equal(double.IsFinite(scores.Sum()) ? scores.Average() : null, one.Scores![name]);
            }
            Assert.Equal(Math.Exp(sum / 4.5), one.Score!.Value, 10);
        }
    }

    [Fact]
    public void ScoresOfNetworks_AreKept_AndAnInterruptedSampleGoesOn()
    {
        using Supernet supernet = Trained();
        var options = new RankOptions { Architectures = 10, Ranker = "naswot+accuracy", Reference = 200 };
        using var stop = new CancellationTokenSource();
        Assert.ThrowsAny<OperationCanceledException>(() => supernet.Rank(options, new Progress(value =>
        {
            if (value is { Stage: "reference sample", Fraction: > 0.2 }) stop.Cancel();
        }), stop.Token));
        string kept = Assert.Single(Directory.GetFiles(_folder["run", "scores"], "naswot-*"));
        int before = File.ReadLines(kept).Count();
        Assert.InRange(before, 5, 20);

        RankingResult first = supernet.Rank(options, cancel: Token), again = supernet.Rank(options, cancel: Token);
        RankerScore naswot = first.Ranker!.Scores[0];
        Assert.Equal(File.ReadLines(kept).Count() - before, naswot.Computed);
        Assert.Equal((0, 20), (again.Ranker!.Scores[0].Computed, again.Ranker.Scores[0].Reference));
        Assert.Equal(first.BestFirst.Select(one => one.Score), again.BestFirst.Select(one => one.Score));
        RankingResult stored = RankingExperiment.ReadResult(_folder["run"])!;
        Assert.Equal(
            again.BestFirst.Select(one => (one.Architecture, one.Score, one.Scores!["naswot"])),
            stored.BestFirst.Select(one => (one.Architecture, one.Score, one.Scores!["naswot"])));
        Assert.Equal(again.Ranker.Formula, stored.Ranker!.Formula);
    }

    [Fact]
    public void WhatIsNotFinite_RanksLowest_AndIsCounted()
    {
        using Supernet supernet = Trained(Catalog.Default.With(new ArchitectureScore(
            "half", "of shallow architectures", setting => architecture => setting.Depth(architecture) > 6 ? double.NaN : 1)));
        RankingResult ranking = supernet.Rank(new RankOptions { Architectures = 30, Ranker = "half", Reference = 20 }, cancel: Token);
        int bad = ranking.BestFirst.Count(one => one.Scores!["half"] is null);
        Assert.InRange(bad, 1, 29);
        Assert.All(ranking.BestFirst.TakeLast(bad), one => Assert.Null(one.Scores!["half"]));
        Assert.True(ranking.Ranker!.Scores[0].NotFinite > 0);
        Assert.Contains("Did you mean 'half'", Assert.Throws<BadOptionException>(
            () => supernet.Rank(new RankOptions { Ranker = "hal" }, cancel: Token)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Loss_GivesTheAccuracyByTheWay_AndScreeningTakesARanker()
    {
        using Supernet supernet = Trained();
        RankingResult ranking = supernet.Rank(
            new RankOptions { Architectures = 12, Ranker = "accuracy+loss", Reference = 20, Screen = "40:50%" }, cancel: Token);
        Assert.Equal((12, 6), (ranking.Screening!.Scored[0], ranking.Screening.Scored[1]));
        foreach (string loss in Directory.GetFiles(_folder["run", "scores"], "loss-*"))
        {
            string name = Path.GetFileName(loss).Replace("loss", "accuracy", StringComparison.Ordinal);
            string accuracy = Path.Combine(Path.GetDirectoryName(loss)!, name);
            Assert.Equal(File.ReadLines(accuracy).Count(), File.ReadLines(loss).Count());
        }
    }

    [Theory]
    [InlineData("nasbench201-cpu")]
    [InlineData("darts-cpu")]
    [InlineData("proxylessnas-cpu")]
    [InlineData("residual-cpu")]
    public void AnyNumberOfThreads_GivesTheSameBits(string preset)
    {
        var small = new SupernetOptions
        {
            Preset = preset,
            ImageSize = 16,
            TrainImages = 16,
            ValidationImages = 40,
            Epochs = 1,
            BatchSize = 8,
            Threads = 1,
            Precision = PrecisionChoice.Float32,
        };
        Trained(small).Dispose();
        string[][] kept = [.. new[] { 1, 3 }.Select(threads =>
        {
            if (Directory.Exists(_folder["run", "scores"])) Directory.Delete(_folder["run", "scores"], recursive: true);
            using (Supernet supernet = Supernet.Open(_folder["run"], Catalog.Default, stored => stored with { Threads = threads }))
                supernet.Rank(
                    new RankOptions
                    {
                        Architectures = 6,
                        Ranker = "accuracy+loss+jacov+naswot+featcov+meco+synflow",
                        Reference = 20,
                        InitialNetworks = 2,
                    },
                    cancel: Token);
            return Directory.GetFiles(_folder["run", "scores"]).Order(StringComparer.Ordinal)
                .Select(file => Path.GetFileName(file) + "\n" + File.ReadAllText(file)).ToArray();
        })];
        Assert.Equal(12, kept[0].Length);
        Assert.All(kept, files => Assert.Equal(kept[0], files));
    }

    [Fact]
    public void ModulesOfUsers_ComputeOneAtATime()
    {
        Catalog catalog = Catalog.Default.With(SmallSpaces.WithModule(Operation.Module(
            "lonely", _ => new Lonely(), _ => default, ShapeChange.None)).Definition);
        Trained(SupernetTests.Tiny with { Catalog = catalog, Space = "own", Channels = 0, Cells = 0 }).Dispose();
        using (Supernet supernet = Supernet.Open(_folder["run"], catalog, stored => stored with { Threads = 3 }))
            supernet.Rank(new RankOptions { Architectures = 9, Ranker = "accuracy+naswot+featcov", Reference = 10 }, cancel: Token);
        Assert.True(Lonely.Computed > 9);
        Assert.False(Lonely.WasDisturbed);
    }

    private static Dictionary<string, double> Scores(RankingResult ranking) =>
        ranking.BestFirst.ToDictionary(one => one.Architecture, one => one.Score!.Value);

    private Supernet Trained(Catalog? catalog = null) => Trained(SupernetTests.Tiny with { Catalog = catalog ?? Catalog.Default });

    private Supernet Trained(SupernetOptions options) =>
        Supernet.Train(Images.FashionMnistSmall, options, _folder["run"], cancel: Token);

    // As one that keeps in a field what belongs to one computation.
    private sealed class Lonely() : nn.Module<Tensor, Tensor>(nameof(Lonely))
    {
        private static int _computing;

        public static int Computed { get; private set; }

        public static bool WasDisturbed { get; private set; }

        public override Tensor forward(Tensor input)
        {
            WasDisturbed |= Interlocked.Increment(ref _computing) != 1;
            Thread.Sleep(1);
            Computed++;
            Interlocked.Decrement(ref _computing);
            return input.relu();
        }
    }

    private sealed class Progress(Action<RunProgress> heard) : IProgress<RunProgress>
    {
        public void Report(RunProgress value) => heard(value);
    }
}
