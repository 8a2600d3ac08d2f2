using PandaNas.Data;
using TorchSharp;

namespace PandaNas.Tests.Data;

public sealed class EvaluationBatchesTests
{
    [Fact]
    public void AllExamples_InOrder_TheLastBatchSmaller()
    {
        using ImageSet images = Sample.Images(10, 3, 4, 5, classes: 4);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        IReadOnlyList<Batch> batches = EvaluationBatches.Make(images, statistics, 4, torch.CPU);
        Assert.Equal([4, 4, 2], batches.Select(batch => batch.Images.shape[0]));
        for (int i = 0; i < 10; i++)
        {
            using torch.Tensor one = batches[i / 4].Images[i % 4].contiguous();
            float[] found = one.data<float>().ToArray();
            for (int k = 0; k < 60; k++)
                Assert.Equal((images.Pixels(i)[k] / 255.0 - statistics.Mean[k / 20]) / statistics.Deviation[k / 20], found[k], 1e-6);
            Assert.Equal(i % 4, batches[i / 4].Labels[i % 4].item<long>());
        }
        foreach (Batch batch in batches) batch.Dispose();
    }

    [Fact]
    public void Batches_OutliveTheDisposeScope_AndTheImages()
    {
        IReadOnlyList<Batch> batches;
        using (DisposeScope scope = torch.NewDisposeScope())
        {
            using ImageSet images = Sample.Images(3, 1, 4, 4, classes: 3);
            batches = EvaluationBatches.Make(images, ChannelStatistics.Of(images), 2, torch.CPU);
            Assert.Equal(0, scope.DisposablesCount);
        }
        Assert.Equal(2, batches[1].Labels.item<long>());
        foreach (Batch batch in batches) batch.Dispose();
    }

    [Fact]
    public void NoImages_NoBatches_AndBatchSizeZero()
    {
        using ImageSet images = Sample.Images(3, 1, 4, 4, classes: 3), none = images.Select([]);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        Assert.Empty(EvaluationBatches.Make(none, statistics, 2, torch.CPU));
        Assert.Throws<ArgumentOutOfRangeException>(() => EvaluationBatches.Make(images, statistics, 0, torch.CPU));
        // A batch size far above the count does not overflow the position.
        foreach (Batch batch in EvaluationBatches.Make(images, statistics, int.MaxValue, torch.CPU)) batch.Dispose();
    }
}
