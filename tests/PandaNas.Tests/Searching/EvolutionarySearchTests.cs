using PandaNas.Costs;
using PandaNas.Experiments.Options;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Tests.Searching;

public sealed class EvolutionarySearchTests
{
    private const int Visited = 300;

    [Fact]
    public void Evolution_FindsTheOptimumMoreOftenThanRandomSearch()
    {
        int byEvolution = 0, byChance = 0;
        double evolved = 0, drawn = 0;
        for (long seed = 0; seed < 20; seed++)
        {
            SearchProblem problem = Additive(seed);
            double optimum =
                problem.Evaluate([.. Enumerable.Range(0, 15_625).Select(number => NasBench201Space.Instance.At(number))]).Max();
            double best = Best("evolution", problem, seed), bestOfRandom = Best("random", problem, seed);
            if (best == optimum) byEvolution++;
            if (bestOfRandom == optimum) byChance++;
            evolved += best;
            drawn += bestOfRandom;
        }
        Assert.True(
            byEvolution >= byChance + 5, $"optimum found by evolution {byEvolution} times of 20, by random search {byChance} times");
        Assert.True(evolved > drawn, $"mean best accuracy by evolution {evolved / 20}, by random search {drawn / 20}");
    }

    [Fact]
    public void TooManyArchitectures_AreRefused() => Assert.Equal(
        "evolutionary search: population times generations is 1001000; expected at most 1000000",
        Assert.Throws<BadOptionException>(
            () => new SearchOptions { Population = 1_000, Generations = 1_001 }.NewAlgorithm()).Message);

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void MutationOrCrossoverAlone_FillTheGenerations(double crossoverFraction)
    {
        var search = new EvolutionarySearch(20, 5, mutationProbability: 0.1, crossoverFraction, topK: 10);
        Assert.Equal(100, search.Run(Additive(0), RandomStream.Derive(0, "search"), null, CancellationToken.None).Visited.Length);
    }

    private static double Best(string algorithm, SearchProblem problem, long seed)
    {
        SearchOutcome result = SearchTests.Make(algorithm, Visited).Run(
            problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
        Assert.Equal(Visited, result.Visited.Length);
        return result.Visited[0].Score;
    }

    /// <summary>
    /// Every live edge adds the worth of its operation; a dead edge adds nothing, so that equal live graphs are equally good.
    /// </summary>
    private static SearchProblem Additive(long seed)
    {
        var stream = RandomStream.Derive(seed, "worth");
        double[] worth = [.. Enumerable.Range(0, 30).Select(_ => stream.NextDouble() / 6)];
        double Accuracy(Architecture architecture) => NasBench201Space.Instance.LiveEdges(architecture)
            .Select((live, edge) => live ? worth[(edge * 5) + architecture[edge]] : 0).Sum();
        return new SearchProblem(
            NasBench201Space.Instance, batch => [.. batch.Select(Accuracy)],
            architecture => new Cost(architecture.Candidates.Sum(), 0), CostLimits.None);
    }
}
