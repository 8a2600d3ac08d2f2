using PandaNas.Costs;
using PandaNas.Experiments.Options;
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
        SearchOutcome drawn = new RandomSearch(1_000).Run(
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
        var good = new SearchOptions { Algorithm = "nsga2" };
        Assert.IsType<Nsga2Search>(good.NewAlgorithm());
        SearchOptions[] bad =
        [
            good with { Population = 1 }, good with { Population = 5_001 }, good with { Population = 1_000, Generations = 1_001 },
            good with { Objectives = [SearchObjective.Accuracy] },
            good with { Objectives = [SearchObjective.Params, SearchObjective.Macs] },
            good with { Objectives = [SearchObjective.Accuracy, SearchObjective.Macs, SearchObjective.Macs] },
        ];
        Assert.All(bad, options => Assert.Throws<BadOptionException>(options.NewAlgorithm));
    }

    private static Nsga2Search Search(long seed) => new(
        [SearchObjective.Accuracy, SearchObjective.Params], 40 + (int)seed, 25, mutationProbability: 0.1, crossoverProbability: 0.9);

    // A choice of candidate k costs k and is worth more than the one before it, the less the later the choice is.
    private static SearchProblem DiminishingReturns(CostLimits limits) => new(
        new ToySpace([.. Enumerable.Repeat(4, Choices)]), batch => [.. batch.Select(Accuracy)],
        one => new Cost(one.Candidates.Sum(), 0), limits);

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
