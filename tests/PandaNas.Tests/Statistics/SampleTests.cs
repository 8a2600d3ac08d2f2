using PandaNas.Statistics;

namespace PandaNas.Tests.Statistics;

public sealed class SampleTests
{
    [Theory]
    [InlineData(new[] { 3.0 }, 3)]
    [InlineData(new[] { 5.0, 1, 2 }, 2)]
    [InlineData(new[] { 4.0, 1, 2, 9 }, 3)]
    public void Median_IsInTheMiddle(double[] values, double expected) => Assert.Equal(expected, Sample.Median(values));

    // numpy.quantile of the same values.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.1, 1.3)]
    [InlineData(0.5, 3)]
    [InlineData(0.95, 17.6)]
    [InlineData(1, 20)]
    public void Quantile_LiesBetweenItsNeighbours(double probability, double expected) =>
        Assert.Equal(expected, Sample.Quantile([1, 2, 4, 20], probability), 1e-12);

    [Fact]
    public void StandardDeviation_DividesByOneLess() => Assert.Equal(Math.Sqrt(5 / 3.0), Sample.StandardDeviation([1, 2, 3, 4]), 1e-15);
}
