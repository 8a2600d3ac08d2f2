using System.Buffers.Binary;
using System.Security.Cryptography;
using PandaNas.Data;
using PandaNas.Data.Augmenting;
using PandaNas.Sampling;
using PandaNas.Supernets;

namespace PandaNas.Experiments;

/// <summary>The images of a run, divided by its protocol.</summary>
public sealed class ExperimentData : IDisposable
{
    private readonly ImageData _stored;

    private ExperimentData(ImageData stored, LabelledImages train, LabelledImages ranking, LabelledImages test, string rankingPart, CancellationToken stop)
    {
        _stored = stored;
        Train = train;
        Ranking = ranking;
        Test = test;
        RankingPart = rankingPart;
        Statistics = train.MeasureStatistics(stop);
    }

    /// <summary>Identity of the data set, which says to which truth it may be compared.</summary>
    public string DataSet => _stored.DataSet;

    /// <summary>The images that train.</summary>
    public LabelledImages Train { get; }

    /// <summary>
    /// The images that rank and steer the search, in random order: evaluation by batch statistics needs batches of mixed classes,
    /// and image folders are stored class by class.
    /// </summary>
    public LabelledImages Ranking { get; }

    /// <summary>What <see cref="Ranking"/> is, for reports.</summary>
    public string RankingPart { get; }

    /// <summary>The images that score a retrained network.</summary>
    public LabelledImages Test { get; }

    /// <summary>How many damaged files were left out of training and test images.</summary>
    public int LeftOut => _stored.LeftOut;

    /// <summary>How many training images the options leave unused: they neither train nor rank.</summary>
    public int Unused => _stored.Train.Count - Train.Count - (RankingPart == "test" ? 0 : Ranking.Count);

    /// <summary>Mean and deviation of the training part.</summary>
    public ChannelStatistics Statistics { get; }

    /// <summary>Opens the images for supernet training, ranking and search.</summary>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ExperimentData ForSupernet(ExperimentOptions options, RunContext context)
    {
        ImageData stored = Read(options, context);
        try
        {
            RandomStream random = RandomStream.Derive(options.Seed, "split");
            LabelledImages all = stored.Train;
            if (options.Protocol == Protocol.Released)
                return Checked(options, new ExperimentData(stored, Limit(options, all, random), Shuffled(stored.Test, AllOf(stored.Test), random), stored.Test, "test", context.Stop));

            int heldOut = options.ValidationImages > 0 ? options.ValidationImages : Math.Max(1, all.Count / 10);
            if (heldOut >= all.Count)
                throw new BadOptionException($"validation-images is {heldOut}, but there are only {all.Count} training images: hold out fewer");
            (int[] rest, int[] held) = StratifiedSplit.Split(all.Labels, all.Classes, heldOut, random);
            return Checked(options, new ExperimentData(stored, Limit(options, all.Select(rest), random), Shuffled(all, held, random), stored.Test, "validation", context.Stop));
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>Opens the images for retraining: all training images train, the test images score.</summary>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ExperimentData ForRetraining(ExperimentOptions options, RunContext context)
    {
        ImageData stored = Read(options, context);
        try
        {
            return Checked(options, new ExperimentData(
                stored, Limit(options, stored.Train, RandomStream.Derive(options.Seed, "split")), stored.Test, stored.Test, "test", context.Stop));
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>The sizes that a network for these images has.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="standalone">Whether it is the network of one architecture; else a supernet.</param>
    public NetworkOptions NetworkOptions(ExperimentOptions options, bool standalone = false) =>
        NetworkSizes.Of(options, standalone, Train.Channels, Train.Height, Train.Classes);

    /// <summary>What the options ask for in augmentation.</summary>
    public Augmentation Augmentation(ExperimentOptions options) =>
        new(options.CropPadding >= 0 ? options.CropPadding : Train.UsualCropPadding, options.Flip, options.Cutout)
        {
            CropScale = options.CropScale,
            ColorJitter = options.ColorJitter,
            Policy = options.AutoAugment ? new AutoAugment() : options.RandAugment,
        };

    /// <summary>A stratified part of the ranking images, in random order; 0 is all of them.</summary>
    /// <exception cref="BadOptionException">There are fewer.</exception>
    public LabelledImages RankingImages(int count, long seed)
    {
        if (count == 0 || count == Ranking.Count) return Ranking.Select(AllOf(Ranking));
        if (count < 2 || count > Ranking.Count)
            throw new BadOptionException($"images is {count}: this run has {Ranking.Count} images for ranking, choose 2 to {Ranking.Count}, or 0 for all");
        RandomStream random = RandomStream.Derive(seed, "ranking-images");
        return Shuffled(Ranking, StratifiedSplit.Subset(Ranking.Labels, Ranking.Classes, count, random), random);
    }

    /// <summary>SHA-256 over sizes, labels and content of the training images, so that a run is never continued on other images.</summary>
    public string Fingerprint()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        foreach (int size in (ReadOnlySpan<int>)[Train.Count, Train.Channels, Train.Height, Train.Width, Train.Classes])
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, size);
            hash.AppendData(number);
        }
        for (int example = 0; example < Train.Count; example++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, Train.Labels[example]);
            hash.AppendData(number);
            Train.AppendContent(hash, example);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Releases the images.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Ranking, Test)) Ranking.Dispose();
        if (!ReferenceEquals(Train, _stored.Train)) Train.Dispose();
        _stored.Dispose();
    }

    private static ImageData Read(ExperimentOptions options, RunContext context)
    {
        var progress = context.Progress is null ? null : new ReadProgress(context);
        var reading = new ImageReadOptions(options.ImageSize, options.CacheFolder, options.Threads)
        {
            Streaming = options.Stream,
            SkipCorrupt = options.SkipCorrupt,
            Workers = options.Workers,
        };
        ImageData images = ImageDataReader.Open(DataSource.Parse(options.Data), reading, context.Stop, progress);
        if (images.LeftOut > 0) context.Report("read images", 1, $"{images.LeftOut} damaged images left out");
        return images;
    }

    private static ExperimentData Checked(ExperimentOptions options, ExperimentData data)
    {
        if (data.Train.Height != data.Train.Width)
            throw new BadOptionException($"the images of '{options.Data}' are {data.Train.Width}x{data.Train.Height} pixels: networks take square ones; scale them with --image-size");
        if (options.AutoAugment && options.RandAugment is not null)
            throw new BadOptionException("auto-augment and rand-augment are both asked for: choose one of them");
        if (options.Training.WarmUpEpochs >= options.Training.Epochs)
            throw new BadOptionException($"warm-up-epochs is {options.Training.WarmUpEpochs}, but the run has only {options.Training.Epochs} epochs: choose fewer");
        if (options.Training.BatchSize > data.Train.Count)
            throw new BadOptionException($"batch-size is {options.Training.BatchSize}, but only {data.Train.Count} images train: choose a smaller batch");
        return data;
    }

    private static LabelledImages Limit(ExperimentOptions options, LabelledImages images, RandomStream random)
    {
        if (options.TrainImages == 0) return images;
        if (options.TrainImages > images.Count)
            throw new BadOptionException($"train-images is {options.TrainImages}, but only {images.Count} are there to train: choose fewer, or 0 for all");
        return images.Select(StratifiedSplit.Subset(images.Labels, images.Classes, options.TrainImages, random));
    }

    private static int[] AllOf(LabelledImages images) => [.. Enumerable.Range(0, images.Count)];

    private static LabelledImages Shuffled(LabelledImages images, int[] examples, RandomStream random)
    {
        random.Shuffle<int>(examples);
        return images.Select(examples);
    }
}
