using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Security.Cryptography;
using PandaNas.Data.Augmenting;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Resizing;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;
using PandaNas.Supernets;

namespace PandaNas.Experiments.Inputs;

/// <summary>The images of a run, divided by its protocol.</summary>
internal sealed class ExperimentData : IDisposable
{
    private const string TestPart = "test";
    private const int SmallestBatch = 2;

    // Of the largest class to the smallest.
    private const int UnequalFrom = 10;

    private readonly ImageData _stored;
    private readonly RunContext _context;
    private readonly int _askedBatchSize;
    private readonly bool _ownsImages;
    private readonly List<string> _notes;

    private ExperimentData(
        TrainingRunOptions options, ImageData stored, ImageDivision division, RunContext context, ChannelStatistics? statistics,
        bool ownsImages)
    {
        _ownsImages = ownsImages;
        _askedBatchSize = options.BatchSize;
        _stored = stored;
        _context = context;
        Train = division.Train;
        Ranking = division.Ranking;
        Test = stored.Test;
        RankingPart = division.RankingPart;
        _notes = [.. stored.Notes.Concat(division.Notes).Select(context.Words)];
        Statistics = statistics ?? Train.MeasureStatistics(context.Stop);
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

    /// <summary>The files of the test images, from the data set's folder; empty where the data are no files.</summary>
    public ImmutableArray<string> TestPaths =>
        [.. _stored.Files.Where(file => file.Part == ImagePart.Test).Select(file => file.Path)];

    /// <summary>How many files that cannot be used were left out of training and test images.</summary>
    public int LeftOut => _stored.LeftOut;

    /// <summary>How many training and validation images the options leave unused: they neither train nor rank.</summary>
    public int Unused => _stored.Train.Count + (_stored.Validation?.Count ?? 0) - Train.Count - (RankingPart == "test" ? 0 : Ranking.Count);

    /// <summary>How a folder without parts of its own was divided; null for other data.</summary>
    public FolderSplit? Split => _stored.Split;

    /// <summary>How pictures of a folder became squares; null where all were squares of one size, and of other formats.</summary>
    internal Fitting? Fitting => _stored.Fitting;

    /// <summary>
    /// What is to be said about the images, and about options that were adjusted to them: one sentence each, without a full stop.
    /// </summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Says the notes; of a run that exists, only what is new since it was started.</summary>
    internal void SayNotes(bool isNew)
    {
        if (_stored.Newer > 0)
            _context.Note(
                $"{_stored.Newer} images that came to the folder after the run was started are left out: "
                + $"its images are those in its {FolderSplit.FileName}.");
        if (!isNew) return;
        foreach (string note in _notes) _context.Note($"{char.ToUpperInvariant(note[0])}{note[1..]}.");
    }

    /// <summary>Mean and deviation of the training part.</summary>
    public ChannelStatistics Statistics { get; }

    /// <summary>Opens the images for supernet training, ranking and search.</summary>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ExperimentData ForSupernet(SupernetOptions options, RunContext context) =>
        Open(options, context, images => ImageDivision.ForSupernet(options, images));

    /// <summary>Opens the images for retraining: all training images train but those held out, the test images score.</summary>
    /// <exception cref="BadDataException">The images are missing or damaged.</exception>
    /// <exception cref="BadOptionException">The options ask for more images than there are.</exception>
    public static ExperimentData ForRetraining(RetrainOptions options, RunContext context) =>
        Open(options, context, images => ImageDivision.ForRetraining(options, images));

    /// <summary>The options with a batch size that gives <see cref="TrainingRunOptions.LeastSteps"/> an epoch.</summary>
    public T Adjust<T>(T options)
        where T : TrainingRunOptions
    {
        // Every value explicit: a batch size that is given would set the least steps to 0.
        var adjusted = (TrainingRunOptions)options.WithAllExplicit();
        return (T)(adjusted with { BatchSize = BatchSizeOf(options, Train.Count) });
    }

    /// <summary>
    /// The options with the batch size that was asked for: what a run stores, and what comes to the same on the same images.
    /// </summary>
    public TrainingRunOptions AsAsked(TrainingRunOptions options) => options with { BatchSize = _askedBatchSize };

    /// <summary>The factor of every training image's loss, of mean 1; null if all count alike.</summary>
    public float[]? LossWeights(TrainingRunOptions options)
    {
        if (!options.Balance) return null;
        int[] sizes = StratifiedSplit.Sizes(Train.Labels, Train.Classes);
        int present = sizes.Count(size => size > 0);
        return Array.ConvertAll(Train.Labels.ToArray(), label => (float)Train.Count / present / sizes[label]);
    }

    /// <summary>The sizes that a network for these images has.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="standalone">Whether it is the network of one architecture; else a supernet.</param>
    public NetworkOptions NetworkOptions(TrainingRunOptions options, bool standalone = false) =>
        RequestedNetwork.Of(options, standalone, Train.Channels, Train.Height, Train.Classes);

    /// <summary>What the options ask for in augmentation.</summary>
    public Augmentation Augmentation(TrainingRunOptions options) =>
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
        if (count == 0 || count == Ranking.Count) return Ranking.Select(ImageDivision.AllOf(Ranking));
        if (count < 2 || count > Ranking.Count)
            throw new BadOptionException(
                "images",
                $"{Mention.Option("images")} is {count}: this run has {Ranking.Count} images for ranking, "
                + $"choose 2 to {Ranking.Count}, or 0 for all");
        RandomStream random = RandomStream.Derive(seed, "ranking-images");
        return ImageDivision.Shuffled(Ranking, StratifiedSplit.Subset(Ranking.Labels, Ranking.Classes, count, random), random);
    }

    /// <summary>
    /// SHA-256 over all images from which training and ranking images of any seed are taken: whole training images, and the test or
    /// validation images where these rank.
    /// </summary>
    public string SourceFingerprint() =>
        Fingerprint(_stored.Train)
            + ((RankingPart == TestPart ? _stored.Test : _stored.Validation) is { } ranking ? "-" + Fingerprint(ranking) : "");

    /// <summary>
    /// SHA-256 over sizes, labels and content of images in their order, so that a figure is never continued on other images.
    /// </summary>
    internal static string Fingerprint(LabelledImages images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[4];
        foreach (int size in (ReadOnlySpan<int>)[images.Count, images.Channels, images.Height, images.Width, images.Classes])
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, size);
            hash.AppendData(number);
        }
        for (int example = 0; example < images.Count; example++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(number, images.Labels[example]);
            hash.AppendData(number);
            images.AppendContent(hash, example);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>Releases the images.</summary>
    public void Dispose()
    {
        if (!ReferenceEquals(Ranking, Test)) Ranking.Dispose();
        if (!ReferenceEquals(Train, _stored.Train)) Train.Dispose();
        if (_ownsImages) _stored.Dispose();
    }

    /// <summary>What a supernet's training would use of images that stay the caller's.</summary>
    internal static ExperimentData Planned(SupernetOptions options, ImageData images, ChannelStatistics statistics) =>
        Of(options, images, stored => ImageDivision.ForSupernet(options, stored), RunContext.Quiet, statistics, ownsImages: false);

    private static ExperimentData Of(
        TrainingRunOptions options, ImageData stored, Func<ImageData, ImageDivision> divide, RunContext context,
        ChannelStatistics? statistics, bool ownsImages)
    {
        if (stored.SingleClass is { } single) throw new BadDataException(single);
        var data = new ExperimentData(options, stored, divide(stored), context, statistics, ownsImages);
        Check(options, data);
        data._notes.AddRange(NotesOn(options, data).Select(context.Words));
        return data;
    }

    private static ExperimentData Open(TrainingRunOptions options, RunContext context, Func<ImageData, ImageDivision> divide)
    {
        ImageData stored = Read(options, context);
        try
        {
            return Of(options, stored, divide, context, null, ownsImages: true);
        }
        catch
        {
            stored.Dispose();
            throw;
        }
    }

    /// <summary>Reads the images that the options name.</summary>
    internal static ImageData Read(TrainingRunOptions options, RunContext context)
    {
        var source = DataSource.Parse(options.Data, options.Catalog.Formats);
        if (source.Path is { } path && !Directory.Exists(path) && !File.Exists(path))
            throw new BadDataException(
                $"there is no folder '{Path.GetFullPath(path)}' ({Mention.Option("data")} {source}), "
                + "or the one it is in may not be entered. "
                + $"If the images were moved, say with {Mention.Option("data")} {source.Format}:PATH where they are now.");
        var reading = new ImageReadOptions(options.ImageSize, options.CacheFolder, options.Threads)
        {
            Fit = options.Fit,
            Background = options.Background,
            Streaming = options.Stream,
            SkipCorrupt = options.SkipCorrupt,
            Workers = options.Workers,
            IdxTranspose = options.IdxTranspose,
            TestShare = options.TestShare,
            SplitSeed = options.Seed,
            Split = options.Split,
        };
        return ImageDataReader.Open(source, reading, context.Stop, context.Progress, options.Catalog.Formats);
    }

    private static void Check(TrainingRunOptions options, ExperimentData data)
    {
        if (data.Train.Height != data.Train.Width)
            throw new BadOptionException(
                $"the images of '{options.Data}' are {data.Train.Width}x{data.Train.Height} pixels: networks take square ones; "
                + $"scale them with {Mention.Option("image-size")}");
        if (BatchSizeOf(options, data.Train.Count) > data.Train.Count)
            throw new BadOptionException(
                "batch-size",
                $"{Mention.Option("batch-size")} is {options.BatchSize}, but only {data.Train.Count} images train: choose a smaller batch");
    }

    private static int BatchSizeOf(TrainingRunOptions options, int images) => options.LeastSteps == 0
        ? options.BatchSize
        : Math.Min(options.BatchSize, Math.Max(SmallestBatch, images / options.LeastSteps));

    private static IEnumerable<string> NotesOn(TrainingRunOptions options, ExperimentData data)
    {
        if (BatchSizeOf(options, data.Train.Count) is var batch && batch < options.BatchSize)
            yield return $"{Mention.Option("batch-size")} is {batch} instead of {options.BatchSize}, for {options.LeastSteps} steps "
                + $"an epoch of {data.Train.Count} images ({Mention.Option("least-steps")})";
        int[] sizes = StratifiedSplit.Sizes(data.Train.Labels, data.Train.Classes);
        foreach ((string part, LabelledImages images) in data.RankingPart == "test"
            ? new (string, LabelledImages)[] { ("train with", data.Train), ("test with", data.Test) }
            : [("train with", data.Train), ("rank with", data.Ranking), ("test with", data.Test)])
        {
            int[] counts = StratifiedSplit.Sizes(images.Labels, images.Classes);
            string[] missing = [.. images.ClassNames.Where((_, label) => counts[label] == 0)];
            if (missing.Length > 0)
                yield return $"no images to {part}: {ImageFolderListing.ListOf(missing)} ({missing.Length} of {images.Classes} classes)";
        }
        int[] present = [.. sizes.Where(size => size > 0)];
        (int most, int least) = (present.Max(), present.Min());
        if (most > UnequalFrom * least && !options.Balance)
            yield return $"the classes are unequal: '{data.Train.ClassNames[Array.IndexOf(sizes, most)]}' has {most} training images, "
                + $"'{data.Train.ClassNames[Array.IndexOf(sizes, least)]}' {least}, so accuracy says little about rare ones; "
                + $"{Mention.Option("balance")} makes them count alike";
    }
}

/// <summary>Images of a run.</summary>
/// <param name="Training">Those that it was trained on.</param>
/// <param name="Test">Those that it is tested on.</param>
internal sealed record RunImages(LabelledImages Training, LabelledImages Test);
