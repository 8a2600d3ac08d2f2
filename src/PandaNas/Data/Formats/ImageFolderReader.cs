using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Caching;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Reading;
using PandaNas.Data.Streaming;

namespace PandaNas.Data.Formats;

/// <summary>
/// Reads image folders: small ones by way of a cache file with the decoded pixels, which is mapped into memory; large ones are
/// streamed from their files.
/// </summary>
internal static class ImageFolderReader
{
    private const string Unidentified = "images";

    /// <summary>Opens a folder.</summary>
    /// <exception cref="BadDataException">The folder or an image in it is not as it should be.</exception>
    /// <exception cref="RunFailedException">The cache cannot be written.</exception>
    public static ImageData Read(string path, ImageReadOptions options, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        ImageFolderListing listing = ImageFolderListing.Of(path, cancel, DataSource.FormatOf);
        // A run's record says which files; without it, names that cannot be opened would be missing without a word.
        if (listing.IsUndivided && options.Split is { } split) listing = listing.Only(split);
        else if (listing.Unnameable.Length > 0 && !options.SkipCorrupt) throw listing.RefuseNames();
        string cacheFolder = ImageCache.ChooseFolder(options.CacheFolder, Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        CacheFile.RemoveLeftovers(cacheFolder, TimeProvider.System);
        var workers = new DecodeWorkers(options.Workers);
        bool kept = false;
        try
        {
            FolderCheck check = FolderCheck.Run(listing, cacheFolder, workers, progress, cancel);
            (ImageFolderListing usable, ImageFinding[] findings) = check.Usable(options.SkipCorrupt, cacheFolder);
            PicturePlan plan = PicturePlan.Of(findings, options);
            FolderParts parts = FolderParts.Of(usable, options);
            kept = plan.Streams;
            ImageData images = plan.Streams
                ? Stream(usable, parts, findings, plan, workers)
                : Decode(usable, parts, findings, plan, cacheFolder, options, progress, cancel);
            images = images with
            {
                Split = options.Split ?? (parts.Split is { } made ? made with { LeftOut = LeftOut(listing, check.Findings) } : null),
                Fitting = plan.Fitting,
                Newer = listing.Newer,
                SingleClass = listing.SingleClass,
                Others = listing.Others,
                Files = [.. options.Split is null ? listing.Unnameable : [], .. Describe(listing, check.Findings, usable, parts)],
            };
            string?[] notes = [.. parts.Notes, images.LeftOutText, plan.Note(findings, images.Train.Width)];
            return images with { Notes = [.. notes.OfType<string>()] };
        }
        finally
        {
            if (!kept) workers.Dispose();
        }
    }

    /// <summary>Looks at the files of a folder; what was found is kept, so that reading it looks at none again.</summary>
    /// <returns>What was found of those that can be used.</returns>
    /// <exception cref="BadDataException">The folder is not as it should be.</exception>
    public static ImmutableArray<ImageFinding> Look(
        string path, ImageReadOptions options, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        string cacheFolder = ImageCache.ChooseFolder(options.CacheFolder, Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        using var workers = new DecodeWorkers(options.Workers);
        return
        [
            .. FolderCheck.Run(ImageFolderListing.Of(path, cancel, DataSource.FormatOf), cacheFolder, workers, progress, cancel)
                .Usable(skipCorrupt: true, cacheFolder).Files,
        ];
    }

    private static ImageData Stream(
        ImageFolderListing listing, FolderParts parts, ImageFinding[] findings, PicturePlan plan, DecodeWorkers workers)
    {
        var folder = new StreamedFolder(listing, findings, plan.Fitting!.Value, workers);
        (StreamedImages training, StreamedImages? validation, StreamedImages test) =
            parts.Make((numbers, labels) => new StreamedImages(folder, numbers, labels, plan.Shape.Width, listing.ClassNames));
        return new ImageData(Unidentified, training, test) { Validation = validation };
    }

    private static ImageData Decode(
        ImageFolderListing listing, FolderParts parts, ImageFinding[] findings, PicturePlan plan, string cacheFolder,
        ImageReadOptions options, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        var cache = new ImageCache(cacheFolder, listing, findings, plan);
        ImageCache.Content? content = cache.TryOpen(cancel);
        if (content is null)
        {
            cache.Build(options.Threads, progress, cancel);
            content = cache.TryOpen(cancel) ?? throw new RunFailedException(
                $"the cache '{cache.FilePath}' or the images of '{listing.Folder}' were changed by another program while they were "
                + "read. Run again.");
        }
        (ImageSet training, ImageSet? validation, ImageSet test) =
            parts.Make((numbers, labels) => new ImageSet(content.Pixels, 0, numbers, labels, content.Shape, listing.ClassNames));
        string dataSet = CifarFingerprint.Identify(training, validation, test) ?? Unidentified;
        return new ImageData(dataSet, training, test) { Validation = validation }.AtSize(options.ImageSize);
    }

    private static ImmutableArray<string> LeftOut(ImageFolderListing listing, ImmutableArray<ImageFinding> findings) =>
    [
        .. listing.Unnameable.Select(file => file.Path),
        .. listing.Files.Where((_, number) => !findings[number].IsUsable).Select(file => file.RelativePath),
    ];

    private static IEnumerable<InspectedImage> Describe(
        ImageFolderListing listing, ImmutableArray<ImageFinding> findings, ImageFolderListing usable, FolderParts parts)
    {
        // The usable files are the listing's in the same order, with some left out.
        int next = 0;
        for (int number = 0; number < listing.Files.Length; number++)
        {
            ImageFolderFile file = listing.Files[number];
            bool used = next < usable.Files.Length && usable.Files[next].RelativePath == file.RelativePath;
            yield return new InspectedImage(file.RelativePath, file.Label, used ? parts[next++] : null, findings[number]);
        }
    }
}
