using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Formats;
using PandaNas.Data.Streaming;
using PandaNas.Experiments.Inputs;
using PandaNas.Experiments.Options;
using PandaNas.Experiments.Runs;
using PandaNas.Sampling;

namespace PandaNas.Experiments.Inspection;

/// <summary>The images of one class.</summary>
/// <param name="Name">The class.</param>
/// <param name="Train">Training images, of which a run may hold some out to rank.</param>
/// <param name="Validation">Images for ranking that come with the data.</param>
/// <param name="Test">Test images.</param>
/// <param name="LeftOut">Files that cannot be used.</param>
internal sealed record ClassCount(string Name, int Train, int Validation, int Test, int LeftOut);

/// <summary>How many files have something in common.</summary>
/// <param name="Name">What: a format, or a property in lower case.</param>
/// <param name="Count">How many.</param>
internal sealed record FileCount(string Name, int Count);

/// <summary>Smallest, middle and largest of the stored sizes, by the number of pixels; width before height, as viewers write it.</summary>
/// <param name="Smallest">For example <c>32x32</c>.</param>
/// <param name="Median">As many pictures have fewer pixels as have more.</param>
/// <param name="Largest">The largest.</param>
/// <param name="Different">How many different sizes there are.</param>
internal sealed record StoredSizes(string Smallest, string Median, string Largest, int Different);

/// <summary>A file that cannot be used.</summary>
/// <param name="Path">From the data's folder.</param>
/// <param name="Fault">A word or two.</param>
/// <param name="Reason">A sentence or two that say what to do.</param>
internal sealed record UnusableFile(string Path, string Fault, string Reason);

/// <summary>Files that show the same pixels although they are in several parts or classes.</summary>
/// <param name="Paths">From the data's folder.</param>
/// <param name="AcrossParts">
/// Whether one is to train and another to rank or test: what is learnt by heart would then count as known.
/// </param>
/// <param name="AcrossClasses">Whether they are of different classes.</param>
internal sealed record DuplicateFiles(ImmutableArray<string> Paths, bool AcrossParts, bool AcrossClasses);

/// <summary>What a run would do with the images.</summary>
/// <param name="TrainImages">Images that train the supernet.</param>
/// <param name="RankingImages">Images that rank and steer the search.</param>
/// <param name="RankingPart">What those are: validation or test.</param>
/// <param name="TestImages">Images that score a retrained network.</param>
/// <param name="ImageSize">The side in pixels that the network sees.</param>
/// <param name="BatchSize">Images a step.</param>
/// <param name="StepsPerEpoch">Steps an epoch.</param>
/// <param name="Streamed">Whether the pictures are decoded for every batch.</param>
/// <param name="Notes">Options that were adjusted to the images, and what is wrong with the classes: one sentence each.</param>
internal sealed record PlannedRun(
    int TrainImages, int RankingImages, string RankingPart, int TestImages, int ImageSize, int BatchSize, int StepsPerEpoch, bool Streamed,
    ImmutableArray<string> Notes);

/// <summary>All that can be said about images before a run.</summary>
/// <param name="Data">Where they are.</param>
/// <param name="DataSet">What they are, as <see cref="ImageData.DataSet"/> says.</param>
/// <param name="Channels">C, as the network sees them.</param>
/// <param name="Height">H in pixels.</param>
/// <param name="Width">W in pixels.</param>
/// <param name="Train">Training images.</param>
/// <param name="Validation">Images for ranking that come with the data.</param>
/// <param name="Test">Test images.</param>
/// <param name="LeftOut">Files that cannot be used.</param>
/// <param name="Files">Image files in all, those included; of formats other than image folders the images.</param>
/// <param name="Notes">What is to be said about the data: one sentence each.</param>
/// <param name="Classes">Counts by class.</param>
/// <param name="Sizes">Stored sizes of the files that can be used; null for other formats than image folders.</param>
/// <param name="Formats">Formats of those files.</param>
/// <param name="Flags">What is special about them, each kind with at least one file.</param>
/// <param name="Duplicates">Files with the same pixels in several parts or classes.</param>
/// <param name="DuplicatesWithin">Files that show the same as another of their own part and class.</param>
/// <param name="Unusable">The files that cannot be used.</param>
/// <param name="Others">Files in class folders that are no images by their names.</param>
/// <param name="Mean">Of the training images' channels, pixels scaled to 0..1.</param>
/// <param name="Deviation">Of the training images' channels.</param>
/// <param name="Run">What a run would do; null if it is refused.</param>
/// <param name="Refusal">Why a run is refused; null if it is not.</param>
internal sealed record DataInspection(
    string Data, string DataSet, int Channels, int Height, int Width, int Train, int Validation, int Test, int LeftOut, int Files,
    ImmutableArray<string> Notes,
    ImmutableArray<ClassCount> Classes, StoredSizes? Sizes, ImmutableArray<FileCount> Formats, ImmutableArray<FileCount> Flags,
    ImmutableArray<DuplicateFiles> Duplicates, int DuplicatesWithin, ImmutableArray<UnusableFile> Unusable, ImmutableArray<string> Others,
    ImmutableArray<float> Mean, ImmutableArray<float> Deviation, PlannedRun? Run, string? Refusal)
{
    /// <summary>Looks at images as a run with these options would; files that cannot be used are named, not refused.</summary>
    /// <param name="options">The run's options.</param>
    /// <param name="sheet">The PNG file for a contact sheet; null for none.</param>
    /// <param name="context">Progress and the wish to stop.</param>
    /// <exception cref="BadDataException">The images are missing, or no class has images that can be used.</exception>
    /// <exception cref="RunFailedException">The sheet cannot be written.</exception>
    public static DataInspection Of(SupernetOptions options, string? sheet, RunContext context)
    {
        options = options.Settle();
        using ImageData images = ExperimentData.Read(options with { SkipCorrupt = true }, context);
        ChannelStatistics statistics = images.Train.MeasureStatistics(context.Stop);
        if (sheet is not null) ContactSheet.Write(sheet, images);
        InspectedImage[] usable = [.. images.Files.Where(file => file.Finding.IsUsable)];
        int total = images.Train.Count + (images.Validation?.Count ?? 0) + images.Test.Count;
        (ImmutableArray<DuplicateFiles> duplicates, int within) = FindDuplicates(usable);
        (PlannedRun? run, string? refusal) = Plan(options, images, statistics, context);
        return new DataInspection(
            options.Data, images.DataSet, images.Train.Channels, images.Train.Height, images.Train.Width,
            images.Train.Count, images.Validation?.Count ?? 0, images.Test.Count, images.LeftOut,
            images.Files.IsEmpty ? total : images.Files.Length,
            [.. images.Notes.Select(context.Words)], CountClasses(images), usable.Length == 0 ? null : SizesOf(usable),
            Count(usable.Select(file => file.Finding.Format)), CountFlags(usable), duplicates, within,
            [.. images.Files.Where(file => !file.Finding.IsUsable)
                .Select(file => new UnusableFile(file.Path, file.Finding.FaultText, file.Finding.Reason ?? ""))],
            images.Others, statistics.Mean, statistics.Deviation, run, refusal);
    }

    private static ImmutableArray<ClassCount> CountClasses(ImageData images)
    {
        int classes = images.Train.Classes;
        int[] train = StratifiedSplit.Sizes(images.Train.Labels, classes), test = StratifiedSplit.Sizes(images.Test.Labels, classes);
        int[] validation = images.Validation is { } own ? StratifiedSplit.Sizes(own.Labels, classes) : new int[classes];
        int[] leftOut = StratifiedSplit.Sizes([.. images.Files.Where(file => !file.Finding.IsUsable).Select(file => file.Label)], classes);
        return
        [
            .. images.Train.ClassNames
                .Select((name, label) => new ClassCount(name, train[label], validation[label], test[label], leftOut[label]))
        ];
    }

    private static StoredSizes SizesOf(InspectedImage[] files)
    {
        ImageFinding[] ordered =
        [
            .. files.Select(file => file.Finding).OrderBy(finding => (long)finding.Width * finding.Height).ThenBy(finding => finding.Width)
        ];
        return new StoredSizes(
            ordered[0].Shape.SizeText, ordered[ordered.Length / 2].Shape.SizeText, ordered[^1].Shape.SizeText, ordered.DistinctBy(finding =>
                finding.Shape).Count());
    }

    private static ImmutableArray<FileCount> Count(IEnumerable<string> names) =>
        [.. names.CountBy(name => name)
            .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => new FileCount(one.Key, one.Value))];

    private static ImmutableArray<FileCount> CountFlags(InspectedImage[] files) =>
        Count(files.SelectMany(file => Enum.GetValues<ImageFlags>()
            .Where(flag => flag != ImageFlags.None && file.Finding.Flags.HasFlag(flag))
            .Select(TextOf)));

    private static string TextOf(ImageFlags flag) => flag switch
    {
        ImageFlags.SixteenBit => "16 bit",
        ImageFlags.Cmyk => "CMYK",
        ImageFlags.NoEndMarker => "without end marker",
        ImageFlags.ColourProfile => "with colour profile",
        _ => flag.ToString().ToLowerInvariant(),
    };

    private static (ImmutableArray<DuplicateFiles> Duplicates, int Within) FindDuplicates(InspectedImage[] files)
    {
        var found = ImmutableArray.CreateBuilder<DuplicateFiles>();
        int within = 0;
        foreach (var same in files.GroupBy(file => file.Finding.PixelDigest).Where(group => group.Skip(1).Any()))
        {
            bool acrossParts = same.DistinctBy(file => file.Part).Skip(1).Any();
            bool acrossClasses = same.DistinctBy(file => file.Label).Skip(1).Any();
            if (acrossParts || acrossClasses)
                found.Add(new DuplicateFiles([.. same.Select(file => file.Path)], acrossParts, acrossClasses));
            else within += same.Count() - 1;
        }
        return (found.ToImmutable(), within);
    }

    private static (PlannedRun? Run, string? Refusal) Plan(
        SupernetOptions options, ImageData images, ChannelStatistics statistics, RunContext context)
    {
        if (images.LeftOut > 0 && !options.SkipCorrupt)
        {
            string refusal = $"{images.LeftOut} files cannot be used: replace or remove them, or add {Mention.Option("skip-corrupt")}";
            return (null, context.Words(refusal));
        }
        try
        {
            using ExperimentData data = ExperimentData.Planned(options, images, statistics);
            int batch = data.Adjust(options).BatchSize;
            return (new PlannedRun(
                data.Train.Count, data.Ranking.Count, data.RankingPart, data.Test.Count, data.Train.Height,
                batch, (data.Train.Count + batch - 1) / batch,
                data.Train is StreamedImages, [.. data.Notes.Skip(images.Notes.Length)]), null);
        }
        catch (PandaNasException error)
        {
            return (null, context.Words(error.Marked));
        }
    }
}
