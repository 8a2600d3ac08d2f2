using CsCheck;
using PandaNas.Costs;
using PandaNas.Sampling;
using PandaNas.Searching;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Tests.Spaces;

namespace PandaNas.Tests.Searching;

/// <summary>Limits in the real spaces, with their real costs, a made-up latency and a made-up accuracy.</summary>
public sealed class SearchLimitTests
{
    private const int Architectures = 40;

    public static TheoryData<string, string> AlgorithmsAndSpaces()
    {
        var data = new TheoryData<string, string>();
        foreach (string algorithm in Catalog.Default.SearchNames)
            foreach (string space in Catalog.Default.SpaceNames) data.Add(algorithm, space);
        return data;
    }

    [Theory]
    [MemberData(nameof(AlgorithmsAndSpaces))]
    public void NoArchitectureIsEverOverALimit(string algorithm, string name)
    {
        SpaceFamily family = Catalog.Default.FindSpace(name).Family;
        Func<Architecture, Cost> costOf = CostOf(family);
        Cost[] sample =
            [.. Enumerable.Range(0, 50).Select(i => costOf(UniformArchitectures.Draw(family.Space, RandomStream.Derive(i, "sample"))))];
        // From a share of the architectures down to fewer than the cheapest of the sample, of any costs together.
        Gen<double> share = Gen.Double[0.8, 1.1];
        Gen.Select(Gen.Long, Gen.Int[0, 7], share, share, share).Sample((seed, which, parameters, multiplyAdds, latency) =>
        {
            var limits = new CostLimits(
                (which & 1) == 0 ? null : Math.Max(1, (long)(parameters * sample.Min(cost => cost.Parameters))),
                (which & 2) == 0 ? null : Math.Max(1, (long)(multiplyAdds * sample.Min(cost => cost.MultiplyAdds))),
                (which & 4) == 0 ? null : latency * sample.Min(cost => cost.LatencyMs));
            var evaluated = new List<Architecture>();
            var problem = new SearchProblem(family.Space, batch =>
            {
                evaluated.AddRange(batch);
                return [.. batch.Select(one => one.Candidates.Sum() / 1_000.0)];
            }, costOf, limits);
            try
            {
                SearchOutcome result = SearchTests.Make(algorithm, Architectures).Run(
                    problem, RandomStream.Derive(seed, "search"), null, CancellationToken.None);
                Assert.All(
                    result.Visited.Concat(result.ParetoFront),
                    scored => Assert.True(limits.Admits(scored.Cost), $"{scored.Text} with {limits}"));
                Assert.All(evaluated, one => Assert.True(limits.Admits(costOf(one))));
                Assert.NotEmpty(result.Visited);
            }
            catch (BadOptionException error)
            {
                Assert.Contains(limits.ToString(), error.Message, StringComparison.Ordinal);
                Assert.Empty(evaluated);
            }
        }, iter: 2);
    }

    [Fact]
    public void LimitThatOnlyTheCheapestKeep_IsKept()
    {
        // Of 4^21 architectures 22 have a sum of at most 1: rejection never meets them.
        var problem = Problem(
            new ToySpace([.. Enumerable.Repeat(4, 21)]), one => new Cost(one.Candidates.Sum(), 10), new CostLimits(1, null));
        SearchOutcome result = SearchTests.Make("random", 10).Run(problem, RandomStream.Derive(0, "search"), null, CancellationToken.None);
        Assert.Equal(10, result.Visited.Length);
        Assert.All(result.Visited, scored => Assert.True(scored.Cost.Parameters <= 1));
    }

    [Fact]
    public void UnsatisfiableLimitOfALargeSpace_TellsTheExactLeastOfASumOverChoices()
    {
        var problem = Problem(
            new ToySpace([.. Enumerable.Repeat(4, 21)]),
            one => new Cost(7 + one.Candidates.Sum(), 30 + one.Candidates.Sum(), 0.5 + one.Candidates.Sum()),
            new CostLimits(6, null));
        string message = Refusal(problem);
        Assert.Contains(
            "at most 6 parameters: the fewest that any architecture has are 7 parameters and 30 multiply-adds and 0.5 ms", message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void UnsatisfiableLimitOfOtherCosts_SaysThatTheLeastNeedNotBeIt()
    {
        var problem = Problem(
            new ToySpace([.. Enumerable.Repeat(4, 21)]), one => new Cost(7 + one[0] * one[1] + one.Candidates.Sum(), 30),
            new CostLimits(6, null));
        Assert.Contains(
            "the fewest found, which need not be the fewest there are, are 7 parameters", Refusal(problem), StringComparison.Ordinal);
    }

    private static string Refusal(SearchProblem problem) => Assert.Throws<BadOptionException>(
        () => SearchTests.Make("regularized", 10).Run(problem, RandomStream.Derive(0, "search"), null, CancellationToken.None)).Message;

    private static SearchProblem Problem(SearchSpace space, Func<Architecture, Cost> costOf, CostLimits limits) =>
        new(space, batch => new double[batch.Count], costOf, limits);

    private static Func<Architecture, Cost> CostOf(SpaceFamily family)
    {
        NetworkOptions sizes = family.Complete(new NetworkOptions(3, 32, 10, 0, 0), standalone: false);
        return architecture => family.Cost(sizes, architecture) with
        {
            LatencyMs = family.Layers(sizes, architecture, liveOnly: true).Sum(layer => 1 + Math.Sqrt(layer.MultiplyAdds)) / 1_000,
        };
    }
}
