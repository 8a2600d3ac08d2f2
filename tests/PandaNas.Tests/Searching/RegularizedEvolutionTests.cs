using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Searching;

public sealed class RegularizedEvolutionTests
{
    [Fact]
    public void RegularizedEvolution_BeatsRandomSearch()
    {
        int better = 0;
        for (long seed = 0; seed < 10; seed++)
        {
            SearchProblem problem = Landscape(seed);
            SearchOutcome evolved = new RegularizedEvolution(300, population: 30, sample: 8).Run(
                problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
            SearchOutcome drawn = new RandomSearch(300).Run(
                problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
            Assert.Equal((300, 300), (evolved.Visited.Length, drawn.Visited.Length));
            if (evolved.Visited[0].Score > drawn.Visited[0].Score) better++;
        }
        Assert.True(better >= 9, $"better on {better} of 10 landscapes");
    }

    // With a sample of one, parents are drawn from the living alone, so that nothing of the dead can come back by choice.
    [Fact]
    public void Children_DifferFromALivingArchitectureInOneChoice()
    {
        var bred = new List<Architecture>();
        var problem = new SearchProblem(new ToySpace([.. Enumerable.Repeat(5, 12)]), batch =>
        {
            bred.AddRange(batch);
            return [.. batch.Select(one => one.Candidates.Sum() / 100.0)];
        }, one => new Cost(1, 1), CostLimits.None);
        const int Population = 10;
        new RegularizedEvolution(200, Population, sample: 3).Run(problem, RandomStream.Derive(0, "search"), null, CancellationToken.None);
        for (int child = Population; child < bred.Count; child++)
            Assert.Contains(
                bred[(child - Population)..child],
                parent => parent.Candidates.Zip(bred[child].Candidates).Count(pair => pair.First != pair.Second) == 1);
    }

    private static SearchProblem Landscape(long seed)
    {
        var stream = RandomStream.Derive(seed, "worth");
        double[] worth = [.. Enumerable.Range(0, 12 * 5).Select(_ => stream.NextDouble() / 12)];
        return new SearchProblem(
            new ToySpace([.. Enumerable.Repeat(5, 12)]),
            batch => [.. batch.Select(one => one.Candidates.Select((candidate, choice) => worth[5 * choice + candidate]).Sum())],
            one => new Cost(1, 1), CostLimits.None);
    }
}
