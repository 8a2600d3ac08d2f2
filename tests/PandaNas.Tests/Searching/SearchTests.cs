using CsCheck;
using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Searching;

/// <summary>What holds for all search algorithms.</summary>
public sealed class SearchTests
{
    private static readonly CostLimits NoLimits = CostLimits.None;

    public static TheoryData<string> Algorithms => [.. Catalog.Default.SearchNames];

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Search_EvaluatesNothingTwice(string algorithm)
    {
        var problem = new RecordingProblem(NasBench201Space.Instance, NoLimits);
        SearchOutcome result = Make(algorithm, 1_000).Run(problem.Problem, RandomStream.Derive(0, "search"), null, CancellationToken.None);
        Assert.Equal(1_000, result.Visited.Length);
        Assert.Equal(1_000, result.Visited.Select(scored => scored.Architecture).Distinct().Count());
        Assert.Equal(result.Evaluated, problem.Evaluated.Count);
        Assert.Equal(result.Evaluated, problem.Evaluated.Select(NasBench201Space.Instance.LiveGraphKey).Distinct().Count());
        Assert.True(result.Evaluated < 1_000, "some of 1,000 architectures share their live graph");
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Search_KeepsItsLimits(string algorithm) =>
        Gen.Select(Gen.Long, Gen.Long[0, 12], Gen.Long[10, 22]).Sample((seed, parameters, multiplyAdds) =>
    {
        var problem = new RecordingProblem(new ToySpace(4, 4, 4, 4), new CostLimits(parameters + 1, multiplyAdds));
        SearchOutcome result = Make(algorithm, 60).Run(problem.Problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
        Assert.All(problem.Evaluated, architecture => Assert.True(problem.Problem.Limits.Admits(RecordingProblem.CostOf(architecture))));
        Assert.All(result.Visited, scored => Assert.True(problem.Problem.Limits.Admits(scored.Cost)));
    }, iter: 50);

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void LargeSpace_KeepsItsLimits(string algorithm)
    {
        var space = new ToySpace([.. Enumerable.Repeat(6, 21)]);
        var problem = new RecordingProblem(space, new CostLimits(60, null));
        SearchOutcome result = Make(algorithm, 200).Run(problem.Problem, RandomStream.Derive(1, "search"), null, CancellationToken.None);
        Assert.Equal(200, result.Visited.Length);
        Assert.All(result.Visited, scored => Assert.True(scored.Cost.Parameters <= 60));
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void SameSeed_GivesTheSameResult(string algorithm)
    {
        SearchOutcome Run(long seed)
        {
            SearchProblem problem = new RecordingProblem(NasBench201Space.Instance, new CostLimits(20, null)).Problem;
            return Make(algorithm, 300).Run(problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
        }

        Assert.Equal(Run(4).Visited, Run(4).Visited);
        Assert.NotEqual(Run(4).Visited, Run(5).Visited);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void TightLimits_GiveAllThatKeepThem(string algorithm)
    {
        // Costs are the sum of the candidates: 1 + 4 + 10 of the 256 architectures have a sum of at most 2.
        var problem = new RecordingProblem(new ToySpace(4, 4, 4, 4), new CostLimits(2, null));
        SearchOutcome result = Make(algorithm, 1_000).Run(problem.Problem, RandomStream.Derive(0, "search"), null, CancellationToken.None);
        Assert.Equal(15, result.Visited.Length);
        Assert.Equal(15, result.Evaluated);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void SmallSpace_IsVisitedWhole(string algorithm)
    {
        var problem = new RecordingProblem(new ToySpace(2, 2), NoLimits);
        Assert.Equal(
            4, Make(algorithm, 1_000).Run(problem.Problem, RandomStream.Derive(0, "search"), null, CancellationToken.None).Visited.Length);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void UnsatisfiableLimits_NameTheLimitAndTheCheapestSeen(string algorithm)
    {
        var problem = new RecordingProblem(new ToySpace(4, 4, 4), new CostLimits(null, 5));
        string message = Assert.Throws<BadOptionException>(
            () => Make(algorithm, 50).Run(problem.Problem, RandomStream.Derive(0, "search"), null, CancellationToken.None)).Message;
        Assert.Contains("at most 5 multiply-adds", message, StringComparison.Ordinal);
        Assert.Contains("among all 64 architectures the fewest are 0 parameters and 10 multiply-adds", message, StringComparison.Ordinal);
        Assert.Empty(problem.Evaluated);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Result_IsSortedByAccuracyThenParametersThenText(string algorithm)
    {
        var problem = new SearchProblem(
            new ToySpace(3, 3, 3), batch => [.. batch.Select(one => one[0] == 1 ? 0.5 : 0.25)], RecordingProblem.CostOf, NoLimits);
        SearchOutcome result = Make(algorithm, 27).Run(problem, RandomStream.Derive(0, "search"), null, CancellationToken.None);
        Assert.Equal(
            result.Visited
                .OrderByDescending(scored => scored.Score)
                .ThenBy(scored => scored.Cost.Parameters)
                .ThenBy(scored => scored.Text, StringComparer.Ordinal),
            result.Visited);
        Assert.Equal("1-0-0", result.Visited[0].Text);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void Progress_CountsStepsAndTheBestNeverWorsens(string algorithm)
    {
        var progress = new ProgressList();
        var problem = new RecordingProblem(NasBench201Space.Instance, NoLimits);
        SearchOutcome result = Make(algorithm, 200).Run(
            problem.Problem, RandomStream.Derive(0, "search"), progress, CancellationToken.None);
        Assert.Equal([1, 2, 3, 4], progress.Reports.Select(report => report.Step));
        Assert.All(progress.Reports, report => Assert.Equal(4, report.Steps));
        Assert.Equal([50, 100, 150, 200], progress.Reports.Select(report => report.Visited));
        Assert.Equal(
            progress.Reports.Select(report => report.Best.Score).Order(), progress.Reports.Select(report => report.Best.Score));
        Assert.Equal(result.Visited[0], progress.Reports[^1].Best);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void CancelledSearch_StopsBeforeTheNextStep(string algorithm)
    {
        using var source = new CancellationTokenSource();
        int batches = 0;
        var problem = new SearchProblem(NasBench201Space.Instance, batch =>
        {
            if (++batches == 2) source.Cancel();
            return new double[batch.Count];
        }, RecordingProblem.CostOf, NoLimits);
        Assert.Throws<OperationCanceledException>(
            () => Make(algorithm, 500).Run(problem, RandomStream.Derive(0, "search"), null, source.Token));
        Assert.Equal(2, batches);
    }

    [Theory]
    [MemberData(nameof(Algorithms))]
    public void WrongAccuracies_AreRefused(string algorithm)
    {
        void Run(Func<int, double[]> accuracies) => Make(algorithm, 50).Run(
            new SearchProblem(NasBench201Space.Instance, batch => accuracies(batch.Count), RecordingProblem.CostOf, NoLimits),
            RandomStream.Derive(0, "search"), null, CancellationToken.None);

        Assert.Throws<InvalidOperationException>(() => Run(count => new double[count - 1]));
        Assert.Throws<InvalidOperationException>(() => Run(count => [.. Enumerable.Repeat(double.NaN, count)]));
        Assert.Throws<InvalidOperationException>(() => Run(count => [.. Enumerable.Repeat(93.0, count)]));
    }

    internal static ISearchAlgorithm Make(string algorithm, int architectures) => new SearchOptions
    {
        Algorithm = algorithm,
        Population = Math.Min(50, architectures),
        Generations = (architectures + 49) / 50,
        Evaluations = architectures,
        Sample = 10,
    }.NewAlgorithm();

    private sealed class ProgressList : IProgress<SearchProgress>
    {
        public List<SearchProgress> Reports { get; } = [];

        public void Report(SearchProgress value) => Reports.Add(value);
    }

    /// <summary>A cheap problem that remembers what was evaluated: an architecture costs the sum of its candidates.</summary>
    private sealed class RecordingProblem
    {
        public RecordingProblem(SearchSpace space, CostLimits limits) => Problem = new SearchProblem(space, Evaluate, CostOf, limits);

        public SearchProblem Problem { get; }

        public List<Architecture> Evaluated { get; } = [];

        public static Cost CostOf(Architecture architecture)
        {
            int sum = architecture.Candidates.Sum();
            return new Cost(sum, 10 + sum);
        }

        private double[] Evaluate(IReadOnlyList<Architecture> batch)
        {
            Assert.NotEmpty(batch);
            Evaluated.AddRange(batch);
            return [.. batch.Select(one => one.Candidates.Select((candidate, choice) => (candidate + choice) % 4).Sum() / 1_000.0)];
        }
    }
}
