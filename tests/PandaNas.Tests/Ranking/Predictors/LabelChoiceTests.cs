using PandaNas.Ranking.Predictors;
using PandaNas.Sampling;
using PandaNas.Statistics;

namespace PandaNas.Tests.Ranking.Predictors;

public sealed class LabelChoiceTests
{
    [Fact]
    public void Spread_TakesTheMiddleOfEveryQuantile()
    {
        // Scores 0 to 11 in another order, so that a place is not its rank.
        double[] scores = [.. Enumerable.Range(0, 12).Select(i => (double)(5 * i % 12))];
        Assert.Equal([2, 6, 10], LabelChoice.Spread(scores, 3).Select(place => scores[place]));
        Assert.Equal(Enumerable.Range(0, 12), LabelChoice.Spread(scores, 12).Order());
        Assert.Throws<ArgumentOutOfRangeException>(() => LabelChoice.Spread(scores, 13));
    }

    [Fact]
    public void MostTelling_LeavesTheLeastVarianceOfAll_AndTakesNoneTwice()
    {
        var kernel = new ProcessKernel(0.1, 1, 0.5, 0.1);
        RandomStream stream = RandomStream.Derive(3, "pool");
        ProcessPoint[] pool =
            [.. Enumerable.Range(0, 15).Select(_ => new ProcessPoint(stream.NextDouble(), [2 * stream.NextDouble(), stream.NextDouble()]))];
        List<int> known = [4, 9];
        int[] chosen = LabelChoice.MostTelling(kernel, pool, known, 5);
        foreach (int one in chosen)
        {
            int best = Enumerable.Range(0, pool.Length).Except(known).MinBy(place => Left([.. known, place]));
            Assert.Equal(best, one);
            known.Add(one);
        }
        Assert.Equal(known.Count, known.Distinct().Count());

        double Left(IEnumerable<int> places) =>
            GaussianProcess.Covariances(kernel, pool, [.. places.Select(place => pool[place])]).Diagonal().Sum();
    }
}
