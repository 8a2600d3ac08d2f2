using PandaNas.Data.Batches;
using TorchSharp;

namespace PandaNas.Tests.Data.Batches;

public sealed class EvaluationBatchesTests
{
    // 60 floats an image: nothing, one batch, two batches or all stay.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(4 * 240, 1)]
    [InlineData(9 * 240, 2)]
    [InlineData(EvaluationBatches.UsualKeptBytes, 3)]
    public void AllExamples_InOrder_TheLastBatchSmaller_HoweverManyAreKept(long mostKeptBytes, int kept)
    {
        using ImageSet images = Sample.Images(10, 3, 4, 5, classes: 4);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        using EvaluationBatches batches = EvaluationBatches.Make(images, statistics, 4, torch.CPU, mostKeptBytes);
        Assert.Equal((10, 3, kept), (batches.Images, batches.Count, batches.Kept));
        for (int pass = 0; pass < 2; pass++)
        {
            var sizes = new List<long>();
            foreach (Batch batch in batches.All())
            {
                for (int k = 0; k < batch.Images.shape[0]; k++) AssertImage(images, statistics, 4 * sizes.Count + k, batch, k);
                sizes.Add(batch.Images.shape[0]);
            }
            Assert.Equal([4, 4, 2], sizes);
        }
    }

    [Fact]
    public void KeptBatches_OutliveTheDisposeScope_AndTheImages()
    {
        EvaluationBatches batches;
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            using ImageSet images = Sample.Images(3, 1, 4, 4, classes: 3);
            batches = EvaluationBatches.Make(images, ChannelStatistics.Of(images), 2, torch.CPU);
            Assert.Equal(0, scope.DisposablesCount);
        }
        using (torch.NewDisposeScope()) Assert.Equal(2, batches.All().Last().Labels.item<long>());
        batches.Dispose();
        Assert.Equal(0, batches.Kept);
    }

    [Fact]
    public void BatchesThatAreNotKept_LeaveNoTensor()
    {
        using ImageSet images = Sample.Images(6, 1, 4, 4, classes: 3);
        using EvaluationBatches batches = EvaluationBatches.Make(images, ChannelStatistics.Of(images), 2, torch.CPU, mostKeptBytes: 0);
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal(3, batches.All().Count());
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void NoImages_NoBatches_AndBatchSizeZero()
    {
        using ImageSet images = Sample.Images(3, 1, 4, 4, classes: 3), none = images.Select([]);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        using (EvaluationBatches batches = EvaluationBatches.Make(none, statistics, 2, torch.CPU)) Assert.Empty(batches.All());
        Assert.Throws<ArgumentOutOfRangeException>(() => EvaluationBatches.Make(images, statistics, 0, torch.CPU));
        // A batch size far above the count does not overflow the position.
        using EvaluationBatches one = EvaluationBatches.Make(images, statistics, int.MaxValue, torch.CPU);
        Assert.Single(one.All());
    }

    private static void AssertImage(ImageSet images, ChannelStatistics statistics, int example, Batch batch, int place)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        float[] found = batch.Images[place].contiguous().data<float>().ToArray();
        for (int k = 0; k < found.Length; k++)
            Assert.Equal((images.Pixels(example)[k] / 255.0 - statistics.Mean[k / 20]) / statistics.Deviation[k / 20], found[k], 1e-6);
        Assert.Equal(example % 4, batch.Labels[place].item<long>());
    }
}
