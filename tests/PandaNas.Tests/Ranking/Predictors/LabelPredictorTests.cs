using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Ranking;
using PandaNas.Ranking.Predictors;
using PandaNas.Ranking.Rankers;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Tests.Ranking.Predictors;

public sealed class LabelPredictorTests
{
    [Fact]
    public void FromFewLabels_ItOrdersWhatItHasNotSeen_BetterThanTheScore()
    {
        (ArchitectureFacts[] pool, double[] accuracies) = Drawn(300);
        var asked = new List<int>();
        (LabelPredictor predictor, ImmutableArray<int> labelled) = LabelPredictor.Learn(pool, 20, places =>
        {
            asked.AddRange(places);
            return [.. places.Select(place => accuracies[place])];
        });
        Assert.Equal(asked, labelled);
        Assert.Equal(20, labelled.Distinct().Count());
        Assert.Equal(20, predictor.LeftOut.Length);
        double[] predicted = [.. pool.Select(predictor.Predict)];
        Assert.All(predicted, one => Assert.InRange(one, 0, 1));
        double tau = KendallTau.Compute(predicted, accuracies), before = KendallTau.Compute([.. pool.Select(one => one.Score)], accuracies);
        Assert.True(tau > 0.9 && before < 0.7, $"tau {tau} of the predictor, {before} of the score");
    }

    [Fact]
    public void LabelsThatAreAllAlike_AndFactsThatAre_GiveThatLabel()
    {
        ArchitectureFacts[] pool = [.. Enumerable.Repeat(new ArchitectureFacts(0.5, [1, 2]), 10)];
        (LabelPredictor predictor, _) = LabelPredictor.Learn(pool, 8, places => [.. places.Select(_ => 0.25)]);
        Assert.Equal(0.25, predictor.Predict(pool[0]), 12);
        Assert.All(predictor.LeftOut, one => Assert.Equal(0.25, one, 12));
    }

    // The true accuracies of NAS-Bench-201 stand for labels, others' supernet and proxies for scores; nothing is trained.
    [Fact]
    public void WithThirtyTrueAccuracies_ItOrdersNasBench201BetterThanItsRanker()
    {
        string? scores = TestData.Find("public-scores.csv"), truths = TestData.Find("nasbench201.csv");
        if (scores is null || truths is null)
        {
            Assert.Skip("public-scores.csv and nasbench201.csv are not on this machine");
            return;
        }
        NasBench201Space space = NasBench201Space.Instance;
        Dictionary<string, double> truth = Column(truths, "cifar10");
        Dictionary<string, double>[] published =
            [.. ((string[])["uniform_c16_1000ep_seed0", "jacov", "nwot", "synflow"]).Select(name => Column(scores, name))];
        var family = new NasBench201Family();
        var sizes = new NetworkOptions(3, 32, 10, 16, 1);
        Architecture[] all = [.. Enumerable.Range(0, (int)space.Size).Select(number => space.At(number))];
        // Proxies are known of live graphs alone.
        double[][] columns =
        [
            [.. all.Select(one => published[0][space.Format(one)])],
            [.. all.Select(one => (double)family.LiveCost(sizes, one).Parameters)],
            [.. all.Select(one => (double)family.Depth(sizes, one))],
            .. published.Skip(1).Select(known => all.Select(one => known.GetValueOrDefault(space.LiveGraphKey(one), double.NaN)).ToArray()),
        ];
        int[] sample = RandomStream.Derive(0, "pool").Permutation(all.Length)[..1000];
        double[][] ranks = [.. columns.Select(column =>
        {
            var reference = new ReferenceRanks([.. sample.Select(one => column[one])]);
            return column.Select(reference.RelativeRankOf).ToArray();
        })];
        ArchitectureFacts[] facts = [.. all.Select((one, i) => new ArchitectureFacts(
            ranks[0][i] * ranks[1][i],
            [.. ranks.Select(column => Math.Log(column[i])), .. PathFeatures.Of(family.Paths(sizes, one))]))];
        int[] pool = [.. sample.DistinctBy(one => space.LiveGraphKey(all[one])).Take(500)];
        (LabelPredictor predictor, _) = LabelPredictor.Learn(
            [.. pool.Select(one => facts[one])], 30, places => [.. places.Select(place => truth[space.Format(all[pool[place]])] / 100)]);

        double[] wanted = [.. all.Select(one => truth[space.Format(one)])];
        double ranker = KendallTau.Compute([.. facts.Select(one => one.Score)], wanted);
        double tau = KendallTau.Compute([.. facts.Select(predictor.Predict)], wanted);
        Assert.InRange(ranker, 0.81, 0.83);
        Assert.True(tau > ranker + 0.01, $"tau {tau} of the predictor, {ranker} of the ranker");
    }

    private static Dictionary<string, double> Column(string path, string name)
    {
        string[] lines = File.ReadAllLines(path);
        string[] headings = lines[0].Split(',');
        (int key, int value) = (Array.IndexOf(headings, "architecture"), Array.IndexOf(headings, name));
        return lines.Skip(1).Select(line => line.Split(',')).Where(cells => cells[value].Length > 0).ToDictionary(
            cells => cells[key], cells => double.Parse(cells[value], CultureInfo.InvariantCulture), StringComparer.Ordinal);
    }

    // The accuracy follows the score, and more so a feature of which the score knows nothing.
    private static (ArchitectureFacts[] Pool, double[] Accuracies) Drawn(int count)
    {
        RandomStream stream = RandomStream.Derive(5, "facts");
        ArchitectureFacts[] pool = [.. Enumerable.Range(0, count).Select(_ =>
            new ArchitectureFacts(0.01 + 0.99 * stream.NextDouble(), [stream.NextDouble(), stream.NextDouble()]))];
        return (pool, [.. pool.Select(one => 0.6 + 0.04 * Math.Log(one.Score) + 0.3 * one.Features[0])]);
    }
}
