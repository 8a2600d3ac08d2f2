using PandaNas.Data.Batches;
using TorchSharp;

namespace PandaNas.Tests.Data.Batches;

public sealed class ChannelStatisticsTests
{
    [Fact]
    public void EqualsAPlainDoubleComputation()
    {
        using ImageSet images = Sample.Images(50, 3, 7, 5, classes: 2);
        using ImageSet view = images.Select([.. Enumerable.Range(10, 30)]);
        ChannelStatistics statistics = ChannelStatistics.Of(view);
        for (int channel = 0; channel < 3; channel++)
        {
            double[] values = [.. Enumerable.Range(10, 30).SelectMany(i =>
                images.Pixels(i).Slice(channel * 35, 35).ToArray()).Select(value => value / 255.0)];
            double mean = values.Average();
            Assert.Equal(mean, statistics.Mean[channel], 1e-7);
            Assert.Equal(Math.Sqrt(values.Average(value => (value - mean) * (value - mean))), statistics.Deviation[channel], 1e-7);
        }
    }

    [Fact]
    public void ConstantChannel_HasDeviationZero_AndIsNotScaled()
    {
        using ImageSet images = ImageSet.FromArray([7, 7, 7, 7, 0, 255, 0, 255], [0], 2, 2, 2, ["a"]);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        Assert.Equal([7 / 255f, 0.5f], statistics.Mean);
        Assert.Equal([0f, 0.5f], statistics.Deviation);
        using Batch batch = images.Batches(statistics, new Augmentation()).MakePlain([0], torch.CPU);
        using var scope = torch.NewDisposeScope();
        Assert.All(batch.Images[0, 0].data<float>(), value => Assert.Equal(0, value, 1e-6));
    }

    [Fact]
    public void Equality_IsByValue()
    {
        using ImageSet images = Sample.Images(5, 3, 4, 4, classes: 1), others = Sample.Images(5, 3, 4, 4, classes: 1, "others");
        Assert.Equal(ChannelStatistics.Of(images), ChannelStatistics.Of(images));
        Assert.Equal(ChannelStatistics.Of(images).GetHashCode(), ChannelStatistics.Of(images).GetHashCode());
        Assert.NotEqual(ChannelStatistics.Of(images), ChannelStatistics.Of(others));
    }

    [Fact]
    public void NoImages()
    {
        using ImageSet images = Sample.Images(5, 3, 4, 4, classes: 1), none = images.Select([]);
        Assert.Throws<ArgumentException>(() => ChannelStatistics.Of(none));
    }
}
