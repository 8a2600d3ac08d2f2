using PandaNas.Data.Batches;
using PandaNas.Data.Formats;

namespace PandaNas.Tests.Data.Formats;

public sealed class FashionMnistSmallTests
{
    [Fact]
    public void IsBalancedAndNamed()
    {
        using ImageData data = Sample.Open("fashion-mnist-small");
        Assert.Equal("fashion-mnist", data.DataSet);
        Assert.Equal((1, 28, 28), (data.Train.Channels, data.Train.Height, data.Train.Width));
        Assert.Equal(
            "T-shirt/top, Trouser, Pullover, Dress, Coat, Sandal, Shirt, Sneaker, Bag, Ankle boot",
            string.Join(", ", data.Test.ClassNames));
        Assert.All(data.Train.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(1000, pair.Value));
        Assert.All(data.Test.Labels.ToArray().CountBy(label => label), pair => Assert.Equal(200, pair.Value));
        Assert.Equal((10_000, 2_000), (data.Train.Count, data.Test.Count));
    }

    // The first training image of Fashion-MNIST is an ankle boot (label 9), the first test image too; mean 0.286 is the known value.
    [Fact]
    public void HoldsTheRealImages()
    {
        using ImageData data = Sample.Open("fashion-mnist-small");
        Assert.Equal((9, 9), (data.Train.Labels[0], data.Test.Labels[0]));
        ChannelStatistics statistics = data.Train.MeasureStatistics(TestContext.Current.CancellationToken);
        Assert.Equal(0.286, statistics.Mean[0], 0.005);
        Assert.Equal(0.353, statistics.Deviation[0], 0.005);
    }
}
