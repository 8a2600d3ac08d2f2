using PandaNas.Ranking;

namespace PandaNas.Tests.Ranking;

public sealed class RankAgreementTests
{
    private static readonly double[] One = [.. Enumerable.Range(0, 60).Select(i => Math.Round(Math.Sin(i) * 5))];
    private static readonly double[] Other = [.. Enumerable.Range(0, 60).Select(i => Math.Round(Math.Sin(i + 0.4) * 5))];

    [Fact]
    public void Agreement_HoldsTheRankStatisticsOfTwoPredictions()
    {
        RankAgreement agreement = RankAgreement.Compute(One, Other, 1);
        Assert.Equal(RankStatistics.KendallTauB(One, Other), agreement.KendallTau);
        Assert.Equal(RankStatistics.Spearman(One, Other), agreement.Spearman);
        Assert.Equal(RankStatistics.PrecisionAtTop(One, Other, 0.05), agreement.CommonTop5);
        Assert.InRange(agreement.KendallTau!.Value, agreement.KendallTauCi95!.Value.Lower, agreement.KendallTauCi95.Value.Upper);
    }

    [Fact]
    public void Agreement_DoesNotDependOnWhichIsWhich()
    {
        RankAgreement there = RankAgreement.Compute(One, Other, 1), back = RankAgreement.Compute(Other, One, 1);
        Assert.Equal(there.KendallTau!.Value, back.KendallTau!.Value, 1e-12);
        Assert.Equal(there.Spearman!.Value, back.Spearman!.Value, 1e-12);
        Assert.Equal(there.CommonTop5, back.CommonTop5);
    }

    [Fact]
    public void AConstantPrediction_AgreesWithNothingDefined()
    {
        RankAgreement agreement = RankAgreement.Compute(One, new double[60], 1);
        Assert.Null(agreement.KendallTau);
        Assert.Null(agreement.KendallTauCi95);
        Assert.Null(agreement.Spearman);
    }
}
