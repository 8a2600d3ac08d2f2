using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Searching;

public sealed class Nsga2SearchTests
{
    private const int Choices = 10;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Front_ComesNearTheTrueOne(long seed)
    {
        SearchProblem problem = DiminishingReturns(CostLimits.None);
        SearchOutcome found = Search(seed).Run(problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
        SearchOutcome drawn = new RandomSearch(new RandomSearchOptions { Architectures = 1_000 }).Run(
            problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
        double truth = Volume(Enumerable.Range(0, 3 * Choices + 1).Select(cost => ((double)cost, BestAt(cost))));
        double reached = Volume(found.ParetoFront.Select(one => ((double)one.Cost.Parameters, one.Score)));
        double random = Volume(drawn.Visited.Select(one => ((double)one.Cost.Parameters, one.Score)));
        Assert.True(reached >= 0.97 * truth, $"{reached} of {truth}");
        Assert.True(reached > random, $"{reached} by NSGA-II, {random} by random search");
    }

    [Fact]
    public void Front_HasNoPointThatAVisitedOneDominates()
    {
        SearchOutcome result = Search(3).Run(
            DiminishingReturns(new CostLimits(20, null)), RandomStream.Derive(3, "search"), null, CancellationToken.None);
        Assert.All(result.ParetoFront, one => Assert.DoesNotContain(
            result.Visited, other => other.Score >= one.Score && other.Cost.Parameters <= one.Cost.Parameters
                && (other.Score > one.Score || other.Cost.Parameters < one.Cost.Parameters)));
        Assert.All(result.Visited, one =>
            Assert.Contains(result.ParetoFront, other => other.Score >= one.Score && other.Cost.Parameters <= one.Cost.Parameters));
        Assert.Equal(result.ParetoFront.OrderByDescending(one => one.Score), result.ParetoFront);
        Assert.Equal(result.Visited[0], result.ParetoFront[0]);
    }

    [Fact]
    public void OptionsOutOfRange_AreRefused()
    {
        var good = new Nsga2SearchOptions();
        Nsga2SearchOptions[] bad =
        [
            good with { Population = 1 }, good with { Generations = 0 }, good with { Population = 1_000, Generations = 1_001 },
            good with { MutationProbability = 0 }, good with { MutationProbability = double.NaN }, good with { CrossoverProbability = 1.1 },
            good with { Objectives = [SearchObjective.Accuracy] },
            good with { Objectives = [SearchObjective.Params, SearchObjective.Macs] },
            good with { Objectives = [SearchObjective.Accuracy, SearchObjective.Accuracy] },
        ];
        Assert.All(bad, options => Assert.Throws<BadOptionException>(() => new Nsga2Search(options)));
    }

    [Theory]
    [InlineData("accuracy,flops", "'flops' is unknown")]
    [InlineData("", "'' is unknown")]
    [InlineData("macs", "expected accuracy and at least one")]
    [InlineData("accuracy, macs,macs", "there twice")]
    public void WrongObjectives_AreRefused(string text, string message) =>
        Assert.Contains(message, Assert.Throws<BadOptionException>(() => SearchObjectives.Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Objectives_AreReadInOrder() =>
        Assert.Equal(
            [SearchObjective.Accuracy, SearchObjective.Latency, SearchObjective.Params],
            SearchObjectives.Parse("accuracy, latency,params"));

    private static Nsga2Search Search(long seed) => new(new Nsga2SearchOptions { Population = 40 + (int)seed, Generations = 25 });

    // A choice of candidate k costs k and is worth more than the one before it, the less the later the choice is.
    private static SearchProblem DiminishingReturns(CostLimits limits) => new(
        new ToySpace([.. Enumerable.Repeat(4, Choices)]), batch => [.. batch.Select(Accuracy)],
        one => new ArchitectureCost(one.Candidates.Sum(), 0), limits);

    private static double Accuracy(Architecture architecture) =>
        architecture.Candidates.Select((candidate, choice) => candidate * Worth(choice)).Sum();

    private static double Worth(int choice) => 1.0 / (3 * Choices * (choice + 1));

    private static double BestAt(int cost) =>
        Enumerable.Range(0, Choices).Sum(choice => Math.Clamp(cost - 3 * choice, 0, 3) * Worth(choice));

    // Of the costs up to the largest, the mean of the best accuracy for at most that cost.
    private static double Volume(IEnumerable<(double Cost, double Accuracy)> points)
    {
        (double Cost, double Accuracy)[] all = [.. points];
        return Enumerable.Range(0, 3 * Choices + 1).Average(
            cost => all.Where(point => point.Cost <= cost).Select(point => point.Accuracy).DefaultIfEmpty(0).Max());
    }
}
