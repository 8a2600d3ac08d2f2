using System.Text.Json;
using PandaNas.Ranking;
using PandaNas.Sampling;
using PandaNas.Spaces;

namespace PandaNas.Tests.Ranking;

public sealed class RankingReportTests
{
    private static readonly NasBench201 Space = NasBench201.Instance;

    [Fact]
    public void Report_HoldsTheStatisticsOfTheWholeAndOfItsParts()
    {
        RankedArchitecture[] ranked = Noisy(120);
        double[] predicted = [.. ranked.Select(one => one.Predicted)], truth = [.. ranked.Select(one => one.Truth)];
        RankingReport report = RankingReport.Compute(Space, ranked, Controls(("params", truth)), 3);

        Assert.Equal(120, report.Architectures);
        Assert.Equal(RankStatistics.KendallTauB(predicted, truth), report.KendallTau);
        Assert.Equal(RankStatistics.Spearman(predicted, truth), report.Spearman);
        Assert.Equal(RankStatistics.PrecisionAtTop(predicted, truth, 0.05), report.PrecisionAtTop5);
        Assert.InRange(report.KendallTau!.Value, report.KendallTauCi95!.Value.Lower, report.KendallTauCi95.Value.Upper);
        Assert.NotNull(report.SpearmanCi95);
        Assert.NotNull(report.PrecisionAtTop5Ci95);
        Assert.Equal([1, 10, 50], report.AtK.Select(top => top.K));
        var tenth = new StatisticsAtK(
            10,
            RankStatistics.BestRankAtK(predicted, truth, 10),
            RankStatistics.WorstRankAtK(predicted, truth, 10),
            RankStatistics.PrecisionAtK(predicted, truth, 10),
            RankStatistics.KendallTauOfTop(predicted, truth, 10),
            report.RegretTop10);
        Assert.Equal(tenth, report.AtK[1]);
        Assert.Equal(RankStatistics.Regret(predicted, truth, 1), report.RegretTop1);
        Assert.Equal(RankStatistics.Regret(predicted, truth, 10), report.RegretTop10);

        RankedArchitecture[] accurate = [.. ranked.Where(one => one.Truth >= 90)];
        Assert.Equal(accurate.Length, report.KendallTauAccurate.Architectures);
        Assert.Equal(
            RankStatistics.KendallTauB([.. accurate.Select(one => one.Predicted)], [.. accurate.Select(one => one.Truth)]),
            report.KendallTauAccurate.KendallTau);
        Assert.Equal(ranked.Select(one => Space.IsomorphismKey(one.Architecture)).Distinct().Count(), report.KendallTauUnique.Architectures);
        Assert.Equal(new ControlRanking(1, 1, 1), report.Controls["params"]);
    }

    [Fact]
    public void KsAskedFor_ReplaceTheStandardOnes_WithoutThoseAboveTheNumber() =>
        Assert.Equal([2, 7], RankingReport.Compute(Space, Noisy(9), Controls(), 0, [2, 7, 10]).AtK.Select(top => top.K));

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
        RankingReport report = RankingReport.Compute(Space, ranked, Controls(), 0);
        Assert.Equal(new SubsetTau(2, 1), report.KendallTauUnique);
    }

    [Fact]
    public void SmallAndConstantSets_GiveNullInsteadOfNaN()
    {
        RankingReport one = RankingReport.Compute(Space, [new(new Architecture([0, 0, 0, 0, 0, 0]), 0.1, 10)], Controls(), 0);
        Assert.Null(one.KendallTau);
        Assert.Null(one.KendallTauCi95);
        Assert.Equal(new SubsetTau(0, null), one.KendallTauAccurate);
        Assert.Equal([new StatisticsAtK(1, 1, 1, 1, null, 0)], one.AtK);
        Assert.Equal(0, one.RegretTop10);

        RankedArchitecture[] constant = [.. Noisy(20).Select(ranked => ranked with { Predicted = 0.1 })];
        Assert.Null(RankingReport.Compute(Space, constant, Controls(), 0).Spearman);
    }

    [Fact]
    public void SameSeed_GivesTheSameJsonWithTheKeysScriptsRelyOn()
    {
        RankedArchitecture[] ranked = Noisy(30);
        string one = Json(RankingReport.Compute(Space, ranked, Controls(("params", new double[30])), 3));
        Assert.Equal(one, Json(RankingReport.Compute(Space, ranked, Controls(("params", new double[30])), 3)));
        Assert.NotEqual(one, Json(RankingReport.Compute(Space, ranked, Controls(("params", new double[30])), 4)));
        JsonElement root = JsonDocument.Parse(one).RootElement;
        foreach (string key in new[] { "architectures", "kendall_tau", "kendall_tau_ci95", "spearman", "precision_at_top5" })
            Assert.True(root.TryGetProperty(key, out _), key);
        Assert.Equal(JsonValueKind.Null, root.GetProperty("controls").GetProperty("params").GetProperty("kendall_tau").ValueKind);
    }

    [Fact]
    public void BadInput_IsRefused()
    {
        RankedArchitecture[] ranked = Noisy(3);
        Assert.Throws<BadDataException>(() => RankingReport.Compute(Space, [], Controls(), 0));
        Assert.Throws<ArgumentException>(() => RankingReport.Compute(Space, ranked, Controls(("params", [1, 2])), 0));
        Assert.Throws<ArgumentException>(() => RankingReport.Compute(Space, ranked, Controls(("params", [1, 2, double.NaN])), 0));
        Assert.Throws<ArgumentException>(() => RankingReport.Compute(Space, [ranked[0] with { Predicted = double.NaN }], Controls(), 0));
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

    private static string Json(RankingReport report) =>
        JsonSerializer.Serialize(report, new JsonSerializerOptions { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower });
}
