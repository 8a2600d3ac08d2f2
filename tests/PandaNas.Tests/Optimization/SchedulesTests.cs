using PandaNas.Experiments.Options;
using PandaNas.Optimization;

namespace PandaNas.Tests.Optimization;

public sealed class SchedulesTests
{
    [Theory]
    [InlineData("linear", 0.25, 0.5, 0.75)]
    [InlineData("constant", 1, 1, 1)]
    [InlineData("cosine", 0.1464466094067262, 0.5, 0.8535533905932737)]
    [InlineData("step", 0, 1, 1)]
    [InlineData("quadratic", 0.0625, 0.25, 0.5625)]
    public void Confidence_RisesAsNamedUpToItsLargest(string name, double quarter, double half, double threeQuarters)
    {
        foreach (double largest in (double[])[1, 0.6, 0])
        {
            Func<double, double> confidence = ConfidenceSchedules.Find(name, largest);
            Assert.Equal(largest * quarter, confidence(0.25), 1e-12);
            Assert.Equal(largest * half, confidence(0.5), 1e-12);
            Assert.Equal(largest * threeQuarters, confidence(0.75), 1e-12);
            Assert.Equal(largest, confidence(1), 1e-12);
        }
    }

    [Fact]
    public void EveryConfidence_StaysBetween0And1AndNeverFalls() => Assert.All(ConfidenceSchedules.Names, name =>
    {
        double[] values = [.. Enumerable.Range(0, 101).Select(i => ConfidenceSchedules.Find(name, 1)(i / 100.0))];
        Assert.All(values, value => Assert.InRange(value, 0, 1));
        Assert.Equal(values.Order(), values);
    });

    // The default must keep the bits of runs made before there was a choice.
    [Fact]
    public void DefaultConfidence_IsProgressItself()
    {
        var options = new SupernetOptions();
        foreach (double progress in (double[])[0, 1.0 / 3, 0.7, 1])
            Assert.Equal(progress, ConfidenceSchedules.Find(options.PathSchedule, options.PathConfidence)(progress));
    }

    [Fact]
    public void LearningRateCosine_FallsFrom1To0()
    {
        Assert.Equal(1, Schedules.Cosine(0));
        Assert.Equal(0.5, Schedules.Cosine(0.5), 1e-12);
        Assert.Equal(0, Schedules.Cosine(1), 1e-12);
    }
}
