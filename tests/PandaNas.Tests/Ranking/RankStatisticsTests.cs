using System.Text.Json;
using CsCheck;
using PandaNas.Ranking;

namespace PandaNas.Tests.Ranking;

public sealed class RankStatisticsTests
{
    private static readonly Gen<(double[] X, double[] Y)> Tied = Pairs(Gen.Int[0, 6].Select(value => (double)value));
    private static readonly Gen<(double[] X, double[] Y)> Distinct = Pairs(Gen.Double[-1e3, 1e3]);

    public static TheoryData<string> GoldenCases() => [.. Golden().Keys];

    [Theory]
    [MemberData(nameof(GoldenCases))]
    public void Statistics_EqualSciPyAndBruteForce(string name)
    {
        JsonElement golden = Golden()[name];
        double[] predicted = golden.GetProperty("predicted").Deserialize<double[]>()!;
        double[] truth = golden.GetProperty("truth").Deserialize<double[]>()!;
        AssertNear(golden.GetProperty("kendall_tau_b"), RankStatistics.KendallTauB(predicted, truth));
        AssertNear(golden.GetProperty("spearman"), RankStatistics.Spearman(predicted, truth));
        foreach (JsonElement top in golden.GetProperty("precision_at_top").EnumerateArray())
            AssertNear(top.GetProperty("value"), RankStatistics.PrecisionAtTop(predicted, truth, top.GetProperty("fraction").GetDouble()));
        foreach (JsonElement atK in golden.GetProperty("at_k").EnumerateArray())
        {
            int k = atK.GetProperty("k").GetInt32();
            Assert.Equal(atK.GetProperty("best").GetInt32(), RankStatistics.BestRankAtK(predicted, truth, k));
            Assert.Equal(atK.GetProperty("worst").GetInt32(), RankStatistics.WorstRankAtK(predicted, truth, k));
            AssertNear(atK.GetProperty("regret"), RankStatistics.Regret(predicted, truth, k));
            AssertNear(atK.GetProperty("precision"), RankStatistics.PrecisionAtK(predicted, truth, k));
            AssertNear(atK.GetProperty("kendall_tau_b"), RankStatistics.KendallTauOfTop(predicted, truth, k));
        }
    }

    // The formula of make_rank_statistics.py.
    [Fact]
    public void TauOfAWholeSpace_EqualsSciPy()
    {
        JsonElement golden = Document().GetProperty("whole_space");
        long[] index = [.. Enumerable.Range(0, golden.GetProperty("n").GetInt32()).Select(i => (long)i)];
        double[] truth = [.. index.Select(i => (double)(i * 7919 % 1009))];
        double[] predicted = [.. index.Select(i => truth[i] + (i * i * 31 + i * 17) % 499)];
        AssertNear(golden.GetProperty("kendall_tau_b"), RankStatistics.KendallTauB(predicted, truth));
        AssertNear(golden.GetProperty("spearman"), RankStatistics.Spearman(predicted, truth));
    }

    [Fact]
    public void Tau_EqualsTheQuadraticDefinition() => Gen.OneOf(Tied, Distinct).Sample(pairs =>
    {
        double expected = QuadraticTauB(pairs.X, pairs.Y), actual = RankStatistics.KendallTauB(pairs.X, pairs.Y);
        return double.IsNaN(expected) ? double.IsNaN(actual) : Math.Abs(expected - actual) < 1e-12;
    });

    [Fact]
    public void TauAndSpearman_ChangeSignUnderNegation() => Tied.Sample(pairs =>
    {
        double[] negated = Array.ConvertAll(pairs.X, value => -value);
        AssertOpposite(RankStatistics.KendallTauB(pairs.X, pairs.Y), RankStatistics.KendallTauB(negated, pairs.Y));
        AssertOpposite(RankStatistics.Spearman(pairs.X, pairs.Y), RankStatistics.Spearman(negated, pairs.Y));
    });

    [Fact]
    public void AllStatistics_IgnoreMonotoneMapsOfThePrediction() => Tied.Sample(pairs =>
    {
        double[] mapped = Array.ConvertAll(pairs.X, value => Math.Exp(value) - 7);
        Assert.Equal(RankStatistics.KendallTauB(pairs.X, pairs.Y), RankStatistics.KendallTauB(mapped, pairs.Y));
        Assert.Equal(RankStatistics.Spearman(pairs.X, pairs.Y), RankStatistics.Spearman(mapped, pairs.Y));
        Assert.Equal(RankStatistics.PrecisionAtTop(pairs.X, pairs.Y, 0.2), RankStatistics.PrecisionAtTop(mapped, pairs.Y, 0.2));
        Assert.Equal(RankStatistics.WorstRankAtK(pairs.X, pairs.Y, 1), RankStatistics.WorstRankAtK(mapped, pairs.Y, 1));
    });

    [Fact]
    public void TauAndSpearman_AreSymmetricAndWithinOne() => Tied.Sample(pairs =>
    {
        double tau = RankStatistics.KendallTauB(pairs.X, pairs.Y), spearman = RankStatistics.Spearman(pairs.X, pairs.Y);
        Assert.Equal(tau, RankStatistics.KendallTauB(pairs.Y, pairs.X), 1e-12);
        Assert.Equal(spearman, RankStatistics.Spearman(pairs.Y, pairs.X), 1e-12);
        Assert.True(double.IsNaN(tau) || Math.Abs(tau) <= 1);
        Assert.True(double.IsNaN(spearman) || Math.Abs(spearman) <= 1);
    });

    [Fact]
    public void Inputs_StayAsTheyWere() => Tied.Sample(pairs =>
    {
        double[] x = [.. pairs.X], y = [.. pairs.Y];
        RankStatistics.KendallTauB(x, y);
        RankStatistics.Spearman(x, y);
        RankStatistics.PrecisionAtTop(x, y, 0.5);
        return x.SequenceEqual(pairs.X) && y.SequenceEqual(pairs.Y);
    });

    [Fact]
    public void UndefinedStatistics_AreNaN()
    {
        Assert.Equal(double.NaN, RankStatistics.KendallTauB([], []));
        Assert.Equal(double.NaN, RankStatistics.KendallTauB([1], [2]));
        Assert.Equal(double.NaN, RankStatistics.KendallTauB([1, 1, 1], [1, 2, 3]));
        Assert.Equal(double.NaN, RankStatistics.KendallTauB([1, double.NaN], [1, 2]));
        Assert.Equal(double.NaN, RankStatistics.Spearman([1], [2]));
        Assert.Equal(double.NaN, RankStatistics.Spearman([1, 2, 3], [5, 5, 5]));
        Assert.Equal(double.NaN, RankStatistics.Spearman([1, 2], [double.NaN, 2]));
        Assert.Equal(double.NaN, RankStatistics.PrecisionAtTop([], [], 0.05));
        Assert.Equal(double.NaN, RankStatistics.Regret([1, 2], [double.NaN, 2], 1));
        Assert.Equal(double.NaN, RankStatistics.PrecisionAtK([1, 2], [double.NaN, 2], 1));
        Assert.Equal(double.NaN, RankStatistics.KendallTauOfTop([1, 2], [2, double.NaN], 2));
        Assert.Equal(double.NaN, RankStatistics.KendallTauOfTop([1, 2], [2, 1], 1));
    }

    [Fact]
    public void WrongArguments_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => RankStatistics.KendallTauB([1, 2], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.PrecisionAtTop([1], [1], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.PrecisionAtTop([1], [1], 1.01));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.PrecisionAtTop([1], [1], double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.BestRankAtK([1, 2], [1, 2], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.WorstRankAtK([1, 2], [1, 2], 3));
        Assert.Throws<ArgumentException>(() => RankStatistics.BestRankAtK([double.NaN], [1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.PrecisionAtK([1, 2], [1, 2], 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => RankStatistics.KendallTauOfTop([1, 2], [1, 2], 0));
    }

    [Fact]
    public void EverythingIsTheTop_GivesTheWholeTauAndFullPrecision() => Tied.Sample(pairs =>
    {
        Assert.Equal(1, RankStatistics.PrecisionAtK(pairs.X, pairs.Y, pairs.X.Length));
        Assert.Equal(RankStatistics.KendallTauB(pairs.X, pairs.Y), RankStatistics.KendallTauOfTop(pairs.X, pairs.Y, pairs.X.Length), 1e-12);
    });

    [Fact]
    public void EqualValues_RankByIndex()
    {
        Assert.Equal(1, RankStatistics.WorstRankAtK([5, 5, 5], [1, 1, 1], 1));
        Assert.Equal(3, RankStatistics.BestRankAtK([5, 5, 5], [1, 2, 3], 1));
        Assert.Equal(2, RankStatistics.Regret([5, 5, 5], [1, 2, 3], 1));
    }

    private static Gen<(double[] X, double[] Y)> Pairs(Gen<double> value) =>
        Gen.Select(value, value).Array[1, 60]
            .Select(pairs => (Array.ConvertAll(pairs, pair => pair.Item1), Array.ConvertAll(pairs, pair => pair.Item2)));

    private static double QuadraticTauB(double[] x, double[] y)
    {
        long concordance = 0, notTiedX = 0, notTiedY = 0;
        for (int i = 0; i < x.Length; i++)
            for (int j = 0; j < i; j++)
            {
                int dx = Math.Sign(x[i] - x[j]), dy = Math.Sign(y[i] - y[j]);
                concordance += dx * dy;
                notTiedX += dx * dx;
                notTiedY += dy * dy;
            }
        return notTiedX == 0 || notTiedY == 0 ? double.NaN : concordance / Math.Sqrt((double)notTiedX * notTiedY);
    }

    private static Dictionary<string, JsonElement> Golden() =>
        Document().GetProperty("cases").EnumerateArray().ToDictionary(one => one.GetProperty("name").GetString()!);

    private static JsonElement Document()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", "rank_statistics.json"));
        return JsonDocument.Parse(file).RootElement;
    }

    private static void AssertNear(JsonElement expected, double actual) =>
        Assert.Equal(expected.ValueKind == JsonValueKind.Null ? double.NaN : expected.GetDouble(), actual, 1e-12);

    private static void AssertOpposite(double one, double other) => Assert.Equal(one, -other, 1e-12);
}
