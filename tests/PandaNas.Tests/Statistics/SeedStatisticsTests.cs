using System.Text.Json;
using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class SeedStatisticsTests
{
    [Fact]
    public void MeansDeviationsAndPairedIntervals_EqualSciPy() => Assert.All(Golden(), golden =>
    {
        double[] values = golden.GetProperty("values").Deserialize<double[]>()!;
        double[] reference = golden.GetProperty("reference").Deserialize<double[]>()!;
        SeedStatistics statistics = SeedStatistics.Of(values)!;
        PairedDifference difference = PairedDifference.Of(values, reference)!;
        Assert.Equal((values.Length, values.Length), (statistics.Seeds, difference.Seeds));
        Assert.Equal(golden.GetProperty("mean").GetDouble(), statistics.Mean, 1e-12);
        Assert.Equal(golden.GetProperty("deviation").GetDouble(), statistics.StandardDeviation!.Value, 1e-12);
        Assert.Equal(golden.GetProperty("difference").GetDouble(), difference.Mean, 1e-12);
        Assert.Equal(golden.GetProperty("lower").GetDouble(), difference.Ci95!.Value.Lower, 1e-8);
        Assert.Equal(golden.GetProperty("upper").GetDouble(), difference.Ci95.Value.Upper, 1e-8);
    });

    [Fact]
    public void OneSeed_HasNoSpread_AndNoneHasNothing()
    {
        Assert.Equal(new SeedStatistics(0.5, null, 1), SeedStatistics.Of([0.5]));
        Assert.Equal(new PairedDifference(0.25, null, 1), PairedDifference.Of([0.5], [0.25]));
        Assert.Null(SeedStatistics.Of([]));
        Assert.Null(PairedDifference.Of([], []));
        Assert.Throws<ArgumentException>(() => PairedDifference.Of([1, 2], [1]));
    }

    // What pairing is for: a spread that both share does not widen the interval.
    [Fact]
    public void SharedSpread_CancelsOut()
    {
        PairedDifference difference = PairedDifference.Of([0.3, 0.6, 0.9], [0.2, 0.5, 0.8])!;
        Assert.Equal(0.1, difference.Mean, 1e-12);
        Assert.InRange(difference.Ci95!.Value.Upper - difference.Ci95.Value.Lower, 0, 1e-12);
    }

    private static IReadOnlyList<JsonElement> Golden()
    {
        using FileStream file = File.OpenRead(Path.Combine(AppContext.BaseDirectory, "Golden", "seed_statistics.json"));
        return [.. JsonDocument.Parse(file).RootElement.GetProperty("pairs").EnumerateArray()];
    }
}
