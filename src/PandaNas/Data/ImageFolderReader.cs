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
        bool streams = options.Streaming switch
        {
            StreamingChoice.On => true,
            StreamingChoice.Off => false,
            _ => DecodedBytes(listing) > ImageReadOptions.StreamFrom,
        };
        return streams ? Stream(listing, cacheFolder, options, progress, cancel) : Decode(listing, cacheFolder, options, progress, cancel);
    }

    // By the first file that has a size; a folder without any is refused later, with the reasons.
    private static long DecodedBytes(ImageFolderListing listing)
    {
        var decoder = new ImageDecoder();
        foreach (ImageFolderFile file in listing.Files)
        {
            try
            {
                return (long)decoder.Measure(listing.FullPath(file)).Bytes * listing.Files.Length;
            }
            catch (BadDataException)
            {
                // Damaged files are named all at once, by the check.
            }
        }
        return 0;
    }

    private static ImageData Stream(
        ImageFolderListing listing, string cacheFolder, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        var workers = new DecodeWorkers(options.Workers);
        try
        {
            (ImageFolderListing usable, CheckedFile[] files) =
                FolderCheck.Run(listing, cacheFolder, workers, progress, cancel).Usable(options.SkipCorrupt, cacheFolder);
            var folder = new StreamedFolder(usable, files, workers);
            int side = options.ImageSize > 0 ? options.ImageSize : ImageReadOptions.StreamedSize;
            int[] all = [.. Enumerable.Range(0, files.Length)], labels = Array.ConvertAll(usable.Files, file => file.Label);
            return new ImageData(
                "images",
                new StreamedImages(folder, all[..usable.TrainCount], labels[..usable.TrainCount], side, usable.ClassNames),
                new StreamedImages(folder, all[usable.TrainCount..], labels[usable.TrainCount..], side, usable.ClassNames))
            {
                LeftOut = listing.Files.Length - files.Length,
            };
        }
        catch
        {
            workers.Dispose();
            throw;
        }
    }

    private static ImageData Decode(
        ImageFolderListing all, string cacheFolder, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        ImageFolderListing listing = options.SkipCorrupt ? Check(all, cacheFolder, options, progress, cancel) : all;
        var cache = new ImageCache(cacheFolder, listing);
        ImageCache.Content? content = cache.TryOpen(cancel);
        if (content is null)
        {
            if (!options.SkipCorrupt) Check(all, cacheFolder, options, progress, cancel);
            cache.Build(options.Threads, progress, cancel);
            content = cache.TryOpen(cancel) ?? throw new RunFailedException(
                $"the cache '{cache.FilePath}' or the images of '{listing.Folder}' were changed by another program while they were "
                + "read. Run again.");
        }
        return Divide(listing, content).AtSize(options.ImageSize) with { LeftOut = all.Files.Length - listing.Files.Length };
    }

    // Without damaged files the decoded pixels are kept, which makes the check's result worthless.
    private static ImageFolderListing Check(
        ImageFolderListing listing, string cacheFolder, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        using var workers = new DecodeWorkers(options.Threads);
        return FolderCheck.Run(listing, options.SkipCorrupt ? cacheFolder : null, workers, progress, cancel).Usable(options.SkipCorrupt, cacheFolder).Listing;
    }

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
