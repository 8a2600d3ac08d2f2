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
            double best = Best("evolutionary", problem, seed), bestOfRandom = Best("random", problem, seed);
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
    public void Defaults_AreThoseOfSpos() => Assert.Equal(
        new EvolutionarySearchOptions { Population = 50, Generations = 20, MutationProbability = 0.1, CrossoverFraction = 0.5, TopK = 10 },
        new EvolutionarySearchOptions());

    [Fact]
    public void OptionsOutOfRange_AreRefused()
    {
        var good = new EvolutionarySearchOptions();
        EvolutionarySearchOptions[] bad =
        [
            good with { Population = 0 }, good with { Generations = 0 }, good with { Population = 1_000, Generations = 1_001 },
            good with { MutationProbability = 0 }, good with { MutationProbability = 1.1 }, good with { MutationProbability = double.NaN },
            good with { CrossoverFraction = -0.1 }, good with { CrossoverFraction = double.NaN }, good with { TopK = 0 },
        ];
        Assert.All(bad, options => Assert.Throws<BadOptionException>(() => new EvolutionarySearch(options)));
        string message = Assert.Throws<BadOptionException>(() => (good with { Population = 0 }).Validated()).Message;
        Assert.Equal("evolutionary search: population is 0; expected at least 1", message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000_001)]
    public void RandomSearchOptionsOutOfRange_AreRefused(int architectures) =>
        Assert.Throws<BadOptionException>(() => new RandomSearch(new RandomSearchOptions { Architectures = architectures }));

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.0)]
    public void MutationOrCrossoverAlone_FillTheGenerations(double crossoverFraction)
    {
        var search = new EvolutionarySearch(
            new EvolutionarySearchOptions { Population = 20, Generations = 5, CrossoverFraction = crossoverFraction });
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
            architecture => new ArchitectureCost(architecture.Candidates.Sum(), 0), CostLimits.None);
    }
}
