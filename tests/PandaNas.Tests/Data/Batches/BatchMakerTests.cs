using CsCheck;
using PandaNas.Data.Batches;
using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Tests.Data.Batches;

public sealed class BatchMakerTests
{
    private static readonly Gen<Augmentation> s_augmentations =
        Gen.Select(Gen.Int[0, 9], Gen.Bool, Gen.Int[0, 12]).Select((padding, flip, cutout) => new Augmentation(padding, flip, cutout));

    [Fact]
    public void EqualsAPlainScalarRecomputation_AndDrawsWhatItSays() => Gen
        .Select(s_augmentations, Gen.Int[1, 3], Gen.Int[1, 8], Gen.Int[1, 8], Gen.Long)
        .Sample((augmentation, channels, height, width, seed) =>
        {
            using ImageSet images = Sample.Images(6, channels, height, width, classes: 3, $"{seed}");
            ChannelStatistics statistics = ChannelStatistics.Of(images);
            int[] examples = [5, 0, 3, 3, 1];
            RandomStream random = RandomStream.Derive(seed, "augmentation"), again = RandomStream.Derive(seed, "augmentation");
            using Batch batch = new BatchMaker(images, statistics, augmentation).Make(examples, random, torch.CPU);
            using torch.Tensor contiguous = batch.Images.contiguous();
            float[] found = contiguous.data<float>().ToArray();
            int size = channels * height * width;
            for (int i = 0; i < examples.Length; i++)
            {
                float[] expected = Augment(images.Pixels(examples[i]).ToArray(), channels, height, width, statistics, augmentation, again);
                for (int k = 0; k < size; k++) Assert.Equal(expected[k], found[i * size + k], 1e-6f);
            }
            Assert.Equal(again.State, random.State);
            Assert.Equal([2, 0, 0, 0, 1], batch.Labels.data<long>().ToArray());
        }, iter: 300);

    [Fact]
    public void TheSharesOfRanks_AreTogetherTheBatchesOfOne_AndDrawTheSame()
    {
        using ImageSet images = Sample.Images(6, 3, 8, 6, classes: 2);
        var maker = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 2, Flip: true, Cutout: 3));
        int[] order = [5, 0, 3, 3, 1, 2, 4];
        (float[] pixels, long[] labels, string state) = Of(BatchShare.Whole);
        (float[] Pixels, long[] Labels, string State)[] shares = [.. Enumerable.Range(0, 2).Select(rank => Of(new BatchShare(rank, 2)))];
        Assert.All(shares, share => Assert.Equal(state, share.State));
        // Batches of 5 and 2, of which rank 0 has 2 and 1.
        int size = 3 * 8 * 6;
        long[] together = [.. shares[0].Labels[..2], .. shares[1].Labels[..3], .. shares[0].Labels[2..], .. shares[1].Labels[3..]];
        Assert.Equal(labels, together);
        float[] found =
        [
            .. shares[0].Pixels[..(2 * size)], .. shares[1].Pixels[..(3 * size)],
            .. shares[0].Pixels[(2 * size)..], .. shares[1].Pixels[(3 * size)..],
        ];
        Assert.Equal(pixels, found);

        (float[] Pixels, long[] Labels, string State) Of(BatchShare share)
        {
            RandomStream random = RandomStream.Derive(0, "augmentation");
            using IBatchFeed feed = maker.Feed(order, 5, random, torch.CPU, share);
            var (foundPixels, foundLabels) = (new List<float>(), new List<long>());
            for (int i = 0; i < 2; i++)
            {
                using Batch batch = feed.Next();
                using torch.Tensor contiguous = batch.Images.contiguous();
                foundPixels.AddRange(contiguous.data<float>().ToArray());
                foundLabels.AddRange(batch.Labels.data<long>().ToArray());
            }
            return ([.. foundPixels], [.. foundLabels], random.State);
        }
    }

    [Fact]
    public void IsFloat_ChannelsLast_WithLongLabels()
    {
        using ImageSet images = Sample.Images(4, 3, 8, 6, classes: 2);
        var maker = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        using Batch batch = maker.Make([0, 1, 2], RandomStream.Derive(0, "x"), torch.CPU);
        Assert.Equal([3, 3, 8, 6], batch.Images.shape);
        Assert.Equal([144, 1, 18, 3], batch.Images.stride());
        Assert.Equal((torch.ScalarType.Float32, torch.ScalarType.Int64), (batch.Images.dtype, batch.Labels.dtype));
        Assert.Equal([3], batch.Labels.shape);
    }

    [Fact]
    public void Crops_DifferWithinABatch()
    {
        using ImageSet images = Sample.Images(1, 3, 8, 8, classes: 1);
        var maker = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(CropPadding: 4));
        using Batch batch = maker.Make(new int[32], RandomStream.Derive(0, "x"), torch.CPU);
        using torch.Tensor contiguous = batch.Images.contiguous();
        float[] values = contiguous.data<float>().ToArray();
        // 81 places, 32 draws: about 26 distinct ones are expected.
        Assert.InRange(values.Chunk(192).Select(chunk => string.Join(' ', chunk)).Distinct().Count(), 15, 32);
    }

    [Fact]
    public void SameState_SameBytes_AndTheStreamGoesOn()
    {
        using ImageSet images = Sample.Images(20, 3, 8, 8, classes: 2);
        var maker = new BatchMaker(images, ChannelStatistics.Of(images), new Augmentation(2, true, 4));
        RandomStream random = RandomStream.Derive(0, "x");
        string state = random.State;
        byte[] first = Bytes(random), next = Bytes(random);
        Assert.NotEqual(first, next);
        Assert.Equal(first, Bytes(RandomStream.Restore(state)));

        byte[] Bytes(RandomStream stream)
        {
            using Batch batch = maker.Make([1, 2, 3, 19], stream, torch.CPU);
            using torch.Tensor contiguous = batch.Images.contiguous();
            return contiguous.bytes.ToArray();
        }
    }

    [Fact]
    public void WithoutAugmentation_NothingIsDrawn()
    {
        using ImageSet images = Sample.Images(2, 1, 4, 4, classes: 1);
        RandomStream random = RandomStream.Derive(0, "x");
        string state = random.State;
        new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None).Make([0, 1], random, torch.CPU).Dispose();
        Assert.Equal(state, random.State);
    }

    [Fact]
    public void PlainBatches_AreNeitherMovedNorCut()
    {
        using ImageSet images = Sample.Images(2, 1, 4, 4, classes: 1);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        using Batch plain = new BatchMaker(images, statistics, new Augmentation(2, true, 8)).MakePlain([0, 1], torch.CPU);
        using Batch expected = new BatchMaker(images, statistics, Augmentation.None).MakePlain([0, 1], torch.CPU);
        Assert.Equal(expected.Images.bytes.ToArray(), plain.Images.bytes.ToArray());
    }

    [Fact]
    public void BadArguments()
    {
        using ImageSet images = Sample.Images(3, 1, 4, 4, classes: 1), colour = Sample.Images(3, 3, 4, 4, classes: 1);
        ChannelStatistics statistics = ChannelStatistics.Of(images);
        var maker = new BatchMaker(images, statistics, new Augmentation(1, true, 2));
        RandomStream random = RandomStream.Derive(0, "x");
        string state = random.State;
        foreach (int bad in new[] { -1, 3, int.MaxValue })
            Assert.Throws<ArgumentOutOfRangeException>(() => maker.Make([0, bad], random, torch.CPU));
        Assert.Throws<ArgumentException>(() => maker.Make([], random, torch.CPU));
        Assert.Equal(state, random.State);
        Assert.Throws<ArgumentException>(() => new BatchMaker(colour, statistics, Augmentation.None));
    }

    [Fact]
    public void LeavesTwoTensors_AndDisposesThem()
    {
        using ImageSet images = Sample.Images(4, 3, 8, 6, classes: 2);
        var maker = new BatchMaker(images, ChannelStatistics.Of(images), Augmentation.None);
        using DisposeScope scope = torch.NewDisposeScope();
        Batch batch = maker.Make([0, 1], RandomStream.Derive(0, "x"), torch.CPU);
        Assert.Equal(2, scope.DisposablesCount);
        batch.Dispose();
        Assert.Equal(0, scope.DisposablesCount);
    }

    // One pixel at a time, as torchvision's RandomCrop(padding), RandomHorizontalFlip, Normalize and DeVries' cutout describe it.
    private static float[] Augment(
        byte[] pixels, int channels, int height, int width, ChannelStatistics statistics, Augmentation augmentation, RandomStream random)
    {
        int padding = augmentation.CropPadding, top = 0, left = 0, centreY = 0, centreX = 0;
        if (padding > 0) (top, left) = (random.NextInt(2 * padding + 1), random.NextInt(2 * padding + 1));
        bool flip = augmentation.Flip && random.NextBool(0.5);
        if (augmentation.Cutout > 0) (centreY, centreX) = (random.NextInt(height), random.NextInt(width));

        int paddedHeight = height + 2 * padding, paddedWidth = width + 2 * padding;
        float[] result = new float[channels * height * width];
        for (int c = 0; c < channels; c++)
        {
            byte[] padded = new byte[paddedHeight * paddedWidth];
            for (int k = 0; k < height * width; k++)
                padded[(k / width + padding) * paddedWidth + k % width + padding] = pixels[c * height * width + k];
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++)
                {
                    byte value = padded[(y + top) * paddedWidth + (flip ? width - 1 - x : x) + left];
                    int cutTop = centreY - augmentation.Cutout / 2, cutLeft = centreX - augmentation.Cutout / 2;
                    bool cut = y >= cutTop && y < cutTop + augmentation.Cutout && x >= cutLeft && x < cutLeft + augmentation.Cutout;
                    result[(c * height + y) * width + x] = cut
                        ? 0
                        : (float)((value / 255.0 - statistics.Mean[c]) / statistics.Deviation[c]);
                }
        }
        return result;
    }
}
