using System.Text.Json;
using PandaNas.Experiments.Runs;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;
using PandaNas.Supernets.NasBench201;

namespace PandaNas.Tests.Ranking;

public sealed class RankingQualityTests
{
    private static readonly NasBench201Space Space = NasBench201Space.Instance;
    private static readonly int[] Ks = [1, 10, 50];

    [Fact]
    public void Quality_HoldsTheStatisticsOfTheWholeAndOfItsParts()
    {
        RankedArchitecture[] ranked = Noisy(120);
        double[] predicted = [.. ranked.Select(one => one.Predicted)], truth = [.. ranked.Select(one => one.Truth)];
        RankingQuality quality = RankingQuality.Compute(Space, ranked, Controls(("params", truth)), 3, Ks);

        Assert.Equal(RankStatistics.KendallTauB(predicted, truth), quality.KendallTau);
        Assert.Equal(RankStatistics.Spearman(predicted, truth), quality.Spearman);
        Assert.Equal(RankStatistics.PrecisionAtTop(predicted, truth, 0.05), quality.PrecisionAtTop5);
        Assert.InRange(quality.KendallTau!.Value, quality.KendallTauCi95!.Value.Lower, quality.KendallTauCi95.Value.Upper);
        Assert.NotNull(quality.SpearmanCi95);
        Assert.NotNull(quality.PrecisionAtTop5Ci95);
        Assert.Equal([1, 10, 50], quality.AtK.Select(top => top.K));
        var tenth = new QualityAtK(
            10,
            RankStatistics.BestRankAtK(predicted, truth, 10),
            RankStatistics.WorstRankAtK(predicted, truth, 10),
            RankStatistics.PrecisionAtK(predicted, truth, 10),
            RankStatistics.KendallTauOfTop(predicted, truth, 10),
            quality.RegretTop10);
        Assert.Equal(tenth, quality.AtK[1]);
        Assert.Equal(RankStatistics.Regret(predicted, truth, 1), quality.RegretTop1);
        Assert.Equal(RankStatistics.Regret(predicted, truth, 10), quality.RegretTop10);

        RankedArchitecture[] accurate = [.. ranked.Where(one => one.Truth >= 90)];
        Assert.Equal(accurate.Length, quality.KendallTauAccurate.Architectures);
        Assert.Equal(
            RankStatistics.KendallTauB([.. accurate.Select(one => one.Predicted)], [.. accurate.Select(one => one.Truth)]),
            quality.KendallTauAccurate.KendallTau);
        Assert.Equal(
            ranked.Select(one => Space.IsomorphismKey(one.Architecture)).Distinct().Count(), quality.KendallTauUnique.Architectures);
        Assert.Equal(new ControlQuality(1, 1, 1), quality.Controls["params"]);
    }

    [Fact]
    public void KsAskedFor_ReplaceTheStandardOnes_WithoutThoseAboveTheNumber() =>
        Assert.Equal([2, 7], RankingQuality.Compute(Space, Noisy(9), Controls(), 0, [2, 7, 10]).AtK.Select(top => top.K));

    [Fact]
    public void IsomorphicArchitectures_CountOnceByTheFirst()
    {
        // Both carry nothing to the output; the first's truth must be the one that counts.
        RankedArchitecture[] ranked =
        [
            new(new Architecture([0, 0, 0, 0, 0, 0]), 0.1, 10),
            new(new Architecture([1, 0, 0, 0, 0, 0]), 0.9, 5),
            new(new Architecture([0, 0, 0, 3, 0, 0]), 0.5, 80),
        ];
        RankingQuality quality = RankingQuality.Compute(Space, ranked, Controls(), 0, Ks);
        Assert.Equal(new SubsetTau(2, 1), quality.KendallTauUnique);
    }

    [Fact]
    public void SmallAndConstantSets_GiveNullInsteadOfNaN()
    {
        RankingQuality one = RankingQuality.Compute(Space, [new(new Architecture([0, 0, 0, 0, 0, 0]), 0.1, 10)], Controls(), 0, Ks);
        Assert.Null(one.KendallTau);
        Assert.Null(one.KendallTauCi95);
        Assert.Equal(new SubsetTau(0, null), one.KendallTauAccurate);
        Assert.Equal([new QualityAtK(1, 1, 1, 1, null, 0)], one.AtK);
        Assert.Equal(0, one.RegretTop10);

        RankedArchitecture[] constant = [.. Noisy(20).Select(ranked => ranked with { Predicted = 0.1 })];
        Assert.Null(RankingQuality.Compute(Space, constant, Controls(), 0, Ks).Spearman);
    }

    [Fact]
    public void SameSeed_GivesTheSameJsonWithTheKeysScriptsRelyOn()
    {
        RankedArchitecture[] ranked = Noisy(30);
        string one = Json(RankingQuality.Compute(Space, ranked, Controls(("params", new double[30])), 3, Ks));
        Assert.Equal(one, Json(RankingQuality.Compute(Space, ranked, Controls(("params", new double[30])), 3, Ks)));
        Assert.NotEqual(one, Json(RankingQuality.Compute(Space, ranked, Controls(("params", new double[30])), 4, Ks)));
        JsonElement root = JsonDocument.Parse(one).RootElement;
        Assert.Equal(
            [
                "kendall_tau", "kendall_tau_ci95", "spearman", "spearman_ci95", "precision_at_top5", "precision_at_top5_ci95", "at_k",
                "regret_top1", "regret_top10", "kendall_tau_accurate", "kendall_tau_unique", "controls",
            ],
            root.EnumerateObject().Select(property => property.Name));
        Assert.Equal(JsonValueKind.Null, root.GetProperty("controls").GetProperty("params").GetProperty("kendall_tau").ValueKind);
    }

    // The names of the measures are the keys of the file; those at a K add it, because a comparison has them in one list.
    [Fact]
    public void Measures_AreTheValuesOfTheFileByName()
    {
        RankingQuality quality = RankingQuality.Compute(Space, Noisy(60), Controls(("params", new double[60])), 3, [1, 10]);
        Dictionary<string, double?> values = quality.Measures.ToDictionary(one => one.Measure.Name, one => one.Value);
        JsonElement root = JsonDocument.Parse(Json(quality)).RootElement;
        foreach (string key in (string[])["kendall_tau", "spearman", "precision_at_top5", "regret_top1", "regret_top10"])
            Assert.Equal(root.GetProperty(key).GetDouble(), values[key]);
        foreach (string key in (string[])["kendall_tau_accurate", "kendall_tau_unique"])
            Assert.Equal(root.GetProperty(key).GetProperty("kendall_tau").GetDouble(), values[key]);
        JsonElement tenth = root.GetProperty("at_k")[1];
        (string, string)[] names =
        [
            ("best", "br_at_10"), ("worst", "wr_at_10"), ("precision", "precision_at_10"), ("kendall_tau", "kendall_tau_at_10"),
            ("regret", "regret_at_10"),
        ];
        foreach ((string key, string name) in names) Assert.Equal(tenth.GetProperty(key).GetDouble(), values[name]);
        Assert.Equal(17, values.Count);
        Assert.Null(values["kendall_tau_at_1"]);
        foreach (string name in quality.Measures.Select(one => one.Measure.Name))
        {
            bool higherIsBetter = name is not ['w' or 'b', 'r', ..] && !name.Contains("regret", StringComparison.Ordinal);
            Assert.Equal(higherIsBetter, quality.Measures.First(one => one.Measure.Name == name).Measure.HigherIsBetter);
        }
        Assert.Equal("0.250", Measure.KendallTau.Text(0.25));
        Assert.Equal("undefined", Measure.KendallTau.Text((double?)null));
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        RankedArchitecture[] ranked = Noisy(3);
        Assert.Throws<BadDataException>(() => RankingQuality.Compute(Space, [], Controls(), 0, Ks));
        Assert.Throws<ArgumentException>(() => RankingQuality.Compute(Space, ranked, Controls(("params", [1, 2])), 0, Ks));
        Assert.Throws<ArgumentException>(() => RankingQuality.Compute(Space, ranked, Controls(("params", [1, 2, double.NaN])), 0, Ks));
        Assert.Throws<ArgumentException>(
            () => RankingQuality.Compute(Space, [ranked[0] with { Predicted = double.NaN }], Controls(), 0, Ks));
    }

    private static RankedArchitecture[] Noisy(int count)
    {
        var stream = RandomStream.Derive(1, "noisy");
        return
        [
            .. UniformArchitectures.DrawDistinct(Space, count, stream).Select(architecture =>
            {
                double truth = 80 + (15 * stream.NextDouble());
                return new RankedArchitecture(architecture, (truth + (8 * stream.NextDouble())) / 110, truth);
            }),
        ];
    }

    private static Dictionary<string, IReadOnlyList<double>> Controls(params (string Name, double[] Values)[] controls) =>
        controls.ToDictionary(control => control.Name, control => (IReadOnlyList<double>)control.Values);

    private static string Json(RankingQuality quality) =>
        JsonSerializer.Serialize(quality, RunJson.Options);
}
