using PandaNas.Data.Augmenting;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Reading;
using PandaNas.Data.Resizing;
using PandaNas.Data.Streaming;
using PandaNas.Sampling;
using TorchSharp;

namespace PandaNas.Tests.Data.Streaming;

public sealed class StreamedBatchTests(StreamedFolderFixture folder) : IClassFixture<StreamedFolderFixture>
{
    private static readonly ChannelStatistics s_statistics = new([0.5f, 0.4f, 0.3f], [0.2f, 0.3f, 0.25f]);

    private static readonly Augmentation s_everything = new(Flip: true, Cutout: 6)
    {
        ColorJitter = new ColorJitter(0.4, 0.4, 0.4, 0.1),
        Policy = new RandAugment(2, 9),
    };

    [Fact]
    public void SameBits_WhateverTheNumberOfWorkers_ByHandAndByFeed()
    {
        string[] expected = FeedBytes(workers: 1);
        Assert.Equal(5, expected.Distinct().Count());
        Assert.Equal(expected, FeedBytes(workers: 2));
        Assert.Equal(expected, FeedBytes(workers: 4));
        using ImageData data = folder.Open(workers: 3);
        IBatchMaker maker = data.Train.Batches(s_statistics, s_everything);
        RandomStream random = RandomStream.Derive(0, "augmentation");
        Assert.Equal(expected, Order(data).Chunk(16).Select(examples => Bytes(maker.Make(examples, random, torch.CPU))));
    }

    // As a checkpoint does: the stream's state after three batches, and the rest of the order.
    [Fact]
    public void InterruptedFeed_GoesOnWithTheSameBits_WhateverWasDecodedAhead()
    {
        string[] expected = FeedBytes(workers: 2);
        using ImageData data = folder.Open();
        IBatchMaker maker = data.Train.Batches(s_statistics, s_everything);
        RandomStream random = RandomStream.Derive(0, "augmentation");
        var found = new List<string>();
        using (IBatchFeed feed = maker.Feed(Order(data), 16, random, torch.CPU))
            for (int i = 0; i < 3; i++) found.Add(Bytes(feed.Next()));
        random = RandomStream.Restore(random.State);
        using (IBatchFeed feed = maker.Feed(Order(data).AsMemory(48), 16, random, torch.CPU))
            for (int i = 0; i < 2; i++) found.Add(Bytes(feed.Next()));
        Assert.Equal(expected, found);
    }

    [Fact]
    public void TheSharesOfRanks_AreTogetherTheBatchesOfOne()
    {
        using ImageData data = folder.Open();
        IBatchMaker maker = data.Train.Batches(s_statistics, s_everything);
        string[] expected = ImagesOf(BatchShare.Whole);
        Assert.Equal(80, expected.Length);
        string[][] shares = [.. Enumerable.Range(0, 3).Select(rank => ImagesOf(new BatchShare(rank, 3)))];
        // Of every batch of 16, the ranks have 5, 5 and 6.
        int[] counts = [5, 5, 6];
        Assert.Equal(expected, Enumerable.Range(0, 5).SelectMany(batch => shares.SelectMany(
            (share, rank) => share.Skip(counts[rank] * batch).Take(counts[rank]))));

        string[] ImagesOf(BatchShare share)
        {
            using IBatchFeed feed = maker.Feed(Order(data), 16, RandomStream.Derive(0, "augmentation"), torch.CPU, share);
            var found = new List<string>();
            for (int i = 0; i < 5; i++)
            {
                using Batch batch = feed.Next();
                found.AddRange(Enumerable.Range(0, (int)batch.Images.shape[0]).Select(place => Bytes(batch, place)));
            }
            return [.. found];
        }
    }

    [Fact]
    public void PlainBatches_AreTheMiddleOfTheImage_NormalisedAndWithoutDraws()
    {
        using ImageData data = folder.Open();
        using Batch batch = data.Test.Batches(s_statistics, s_everything).MakePlain([3, 0], torch.CPU);
        Assert.Equal([2, 3, 32, 32], batch.Images.shape);
        Assert.Equal([3072, 1, 96, 3], batch.Images.stride());
        Assert.Equal([data.Test.Labels[3], data.Test.Labels[0]], batch.Labels.data<long>().ToArray().Select(label => (int)label));
        byte[] planes = Middle(data.Test.ClassNames[data.Test.Labels[3]], 3);
        using var scope = torch.NewDisposeScope();
        float[] found = batch.Images[0].contiguous().data<float>().ToArray();
        for (int k = 0; k < found.Length; k++)
            Assert.Equal((planes[k] / 255.0 - s_statistics.Mean[k / 1024]) / s_statistics.Deviation[k / 1024], found[k], 1e-5);
    }

    [Fact]
    public void TheSameImage_IsAnotherOneEveryTime_AndAtEveryPlaceOfTheBatch()
    {
        using ImageData data = folder.Open();
        IBatchMaker maker = data.Train.Batches(s_statistics, new Augmentation());
        RandomStream random = RandomStream.Derive(0, "augmentation");
        using Batch first = maker.Make(new int[8], random, torch.CPU), second = maker.Make(new int[8], random, torch.CPU);
        IEnumerable<string> images = new[] { first, second }.SelectMany(batch => Enumerable.Range(0, 8).Select(i => Bytes(batch, i)));
        Assert.Equal(16, images.Distinct().Count());
    }

    [Fact]
    public void Feed_DecodesOnlyAFewBatchesAhead()
    {
        using ImageData data = folder.Open();
        var maker = Assert.IsType<StreamedBatchMaker>(data.Train.Batches(s_statistics, Augmentation.None));
        using var feed = Assert.IsType<StreamedBatchFeed>(maker.Feed(Order(data), 8, null, torch.CPU));
        for (int i = 0; i < 10; i++)
        {
            Assert.InRange(feed.Ahead, 1, 4);
            feed.Next().Dispose();
        }
        Assert.Equal(0, feed.Ahead);
        Assert.Throws<InvalidOperationException>(() => feed.Next());
    }

    [Fact]
    public void Views_KeepLabelsAndFiles_AndOutliveTheSet()
    {
        LabelledImages view;
        string whole;
        using (ImageData data = folder.Open())
        {
            view = data.Train.Select([7, 2]);
            Assert.Equal([data.Train.Labels[7], data.Train.Labels[2]], view.Labels.ToArray());
            whole = Bytes(data.Train.Batches(s_statistics, Augmentation.None).MakePlain([7, 2], torch.CPU));
            Assert.Throws<ArgumentOutOfRangeException>(() => data.Train.Select([data.Train.Count]));
        }
        using (view) Assert.Equal(whole, Bytes(view.Batches(s_statistics, Augmentation.None).MakePlain([0, 1], torch.CPU)));
        Assert.Throws<ObjectDisposedException>(() => view.Select([0]));
    }

    [Fact]
    public void Statistics_AreThoseOfTheMiddles_WhateverTheWorkers()
    {
        using ImageData one = folder.Open(workers: 1), four = folder.Open(workers: 4);
        ChannelStatistics statistics = one.Test.MeasureStatistics(TestContext.Current.CancellationToken);
        Assert.Equal(statistics, four.Test.MeasureStatistics(TestContext.Current.CancellationToken));
        using Batch all = one.Test.Batches(statistics, Augmentation.None).MakePlain([.. Enumerable.Range(0, one.Test.Count)], torch.CPU);
        using var scope = torch.NewDisposeScope();
        Assert.Equal(0, all.Images.mean().item<float>(), 1e-3);
        Assert.Equal(1, all.Images.std().item<float>(), 1e-3);
    }

    [Fact]
    public void VanishedAndChangedFiles_AreNamed_AndTheFeedIsDone()
    {
        using TemporaryFolder copy = folder.SoundCopy();
        using ImageData data = folder.Open(path: copy.Path);
        IBatchMaker maker = data.Train.Batches(s_statistics, Augmentation.None);
        string[] files = [.. Directory.GetFiles(copy["train", "class000"]).Order(StringComparer.Ordinal)];
        File.Delete(files[1]);
        File.WriteAllBytes(files[2], Sample.Encoded(40, 50, "x", SkiaSharp.SKEncodedImageFormat.Jpeg, out _));
        File.WriteAllText(files[3], "junk");
        foreach ((int example, string word) in new[] { (1, "does not exist"), (2, "50x40"), (3, "not an image") })
        {
            using IBatchFeed feed = maker.Feed(new[] { 0, example, 3 }, 3, null, torch.CPU);
            var error = Assert.Throws<BadDataException>(() => feed.Next());
            Assert.Contains(files[example], error.Message);
            Assert.Contains(word, error.Message);
        }
    }

    [Fact]
    public void DisposingAFeedEarly_LeavesNoTensor_AndDoesNotHang()
    {
        using ImageData data = folder.Open(workers: 1);
        IBatchMaker maker = data.Train.Batches(s_statistics, s_everything);
        using DisposeScope scope = torch.NewDisposeScope();
        for (int i = 0; i < 20; i++)
        {
            using IBatchFeed feed = maker.Feed(Order(data), 16, RandomStream.Derive(i, "x"), torch.CPU);
            if (i % 2 == 0) feed.Next().Dispose();
        }
        Assert.Equal(0, scope.DisposablesCount);
    }

    [Fact]
    public void OnlyWhatStreamsCanDo_IsAccepted()
    {
        using ImageData data = folder.Open();
        Assert.Equal(0, data.Train.UsualCropPadding);
        Assert.Contains(
            "CropPadding",
            Assert.Throws<BadOptionException>(() => data.Train.Batches(s_statistics, new Augmentation(CropPadding: 4))).Message);
        using ImageSet memory = Sample.Images(3, 3, 4, 4, classes: 1);
        Assert.Contains("Stream on", Assert.Throws<BadOptionException>(() => memory.Batches(s_statistics, s_everything)).Message);
        var embedded = new DataSource("fashion-mnist-small", null);
        var streamed = new ImageReadOptions { Streaming = StreamingChoice.On };
        var error = Assert.Throws<BadOptionException>(
            () => ImageDataReader.Open(embedded, streamed, TestContext.Current.CancellationToken));
        Assert.Contains("image folders", error.Message);
    }

    private string[] FeedBytes(int workers)
    {
        using ImageData data = folder.Open(workers);
        RandomStream random = RandomStream.Derive(0, "augmentation");
        using IBatchFeed feed = data.Train.Batches(s_statistics, s_everything).Feed(Order(data), 16, random, torch.CPU);
        return [.. Enumerable.Range(0, 5).Select(_ => Bytes(feed.Next()))];
    }

    private static int[] Order(ImageData data) => [.. Enumerable.Range(0, 80).Select(i => i * 7 % data.Train.Count)];

    private byte[] Middle(string className, int number)
    {
        string file = Directory.GetFiles(Path.Combine(folder.Path, "val", className)).Order(StringComparer.Ordinal)
            .Where(name => !folder.Damaged.Contains(Path.GetRelativePath(folder.Path, name))).ElementAt(number);
        var shape = new ImageShape(3, StreamedFolderFixture.Height, StreamedFolderFixture.Width);
        // 7/8 of 90 pixels.
        var fitting = new Fitting(ImageFit.Crop, Colour.White);
        return new ImageWorkspace().Read(file, shape, fitting, new CropBox(20.625, 5.625, 78.75, 78.75), 32).Planes.ToArray();
    }

    private static string Bytes(Batch batch)
    {
        using (batch) return Bytes(batch.Images);
    }

    private static string Bytes(Batch batch, int place)
    {
        using torch.Tensor image = batch.Images[place];
        return Bytes(image);
    }

    private static string Bytes(torch.Tensor tensor)
    {
        using torch.Tensor contiguous = tensor.contiguous();
        return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(contiguous.bytes));
    }
}
