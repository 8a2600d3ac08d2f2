using System.Collections.Immutable;
using PandaNas.Data.Streaming;

namespace PandaNas.Data;

/// <summary>
/// Reads image folders: small ones by way of a cache file with the decoded pixels, which is mapped into memory; large ones are
/// streamed from their files.
/// </summary>
internal static class ImageFolderReader
{
    /// <summary>Opens a folder.</summary>
    /// <exception cref="BadDataException">The folder or an image in it is not as it should be.</exception>
    /// <exception cref="RunFailedException">The cache cannot be written.</exception>
    public static ImageData Read(string path, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        ImageFolderListing listing = ImageFolderListing.Of(path, cancel);
        string cacheFolder = ImageCache.ChooseFolder(options.CacheFolder, Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        CacheFile.RemoveLeftovers(cacheFolder);
        var workers = new DecodeWorkers(options.Workers);
        bool kept = false;
        try
        {
            FolderCheck check = FolderCheck.Run(listing, cacheFolder, workers, progress, cancel);
            (ImageFolderListing usable, ImageFinding[] findings) = check.Usable(options.SkipCorrupt, cacheFolder);
            PicturePlan plan = PicturePlan.Of(findings, options);
            kept = plan.Streams;
            ImageData images = plan.Streams
                ? Stream(usable, findings, plan, workers)
                : Decode(usable, findings, plan, cacheFolder, options, progress, cancel);
            images = images with { Files = Describe(listing, check.Findings) };
            return images with { Notes = [.. ((string?[])[images.LeftOutText, plan.Note(findings, images.Train.Width)]).OfType<string>()] };
        }
        finally
        {
            if (!kept) workers.Dispose();
        }
    }

    private static ImageData Stream(ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan, DecodeWorkers workers)
    {
        var folder = new StreamedFolder(listing, findings, plan.Fitting!.Value, workers);
        int[] all = [.. Enumerable.Range(0, findings.Length)], labels = Array.ConvertAll(listing.Files, file => file.Label);
        return new ImageData(
            "images",
            new StreamedImages(folder, all[..listing.TrainCount], labels[..listing.TrainCount], plan.Shape.Width, listing.ClassNames),
            new StreamedImages(folder, all[listing.TrainCount..], labels[listing.TrainCount..], plan.Shape.Width, listing.ClassNames));
    }

    private static ImageData Decode(
        ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan, string cacheFolder, ImageReadOptions options,
        IProgress<ImageReadProgress>? progress, CancellationToken cancel)
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
        return Divide(listing, content).AtSize(options.ImageSize);
    }

    private static ImmutableArray<InspectedImage> Describe(ImageFolderListing listing, ImmutableArray<ImageFinding> findings) =>
        [.. listing.Files.Select((file, number) => new InspectedImage(file.RelativePath, file.Label, number < listing.TrainCount, findings[number]))];

    private static StoredImages Divide(ImageFolderListing listing, ImageCache.Content content)
    {
        int[] labels = Array.ConvertAll(listing.Files, file => file.Label);
        long testStart = (long)listing.TrainCount * content.Shape.Bytes;
        return new StoredImages(
            Identify(listing.ClassNames, content.Shape),
            new ImageSet(content.Pixels, 0, null, labels[..listing.TrainCount], content.Shape, listing.ClassNames),
            new ImageSet(content.Pixels, testStart, null, labels[listing.TrainCount..], content.Shape, listing.ClassNames));
    }

    // CIFAR is often kept as image files; its truth tables hold for those too.
    private static string Identify(ImmutableArray<string> names, ImageShape shape)
    {
        if (shape != CifarLayout.Shape) return "images";
        if (names.SequenceEqual(CifarClassNames.Cifar10)) return "cifar10";
        return names.SequenceEqual(CifarClassNames.Cifar100) ? "cifar100" : "images";
    }
}
