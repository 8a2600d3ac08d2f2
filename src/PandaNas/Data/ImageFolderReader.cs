using System.Collections.Immutable;

namespace PandaNas.Data;

/// <summary>Reads image folders by way of a cache file with the decoded pixels, which is mapped into memory.</summary>
internal static class ImageFolderReader
{
    /// <summary>Opens a folder from its cache, which is made first where it is missing or out of date.</summary>
    /// <exception cref="BadDataException">The folder or an image in it is not as it should be.</exception>
    /// <exception cref="RunFailedException">The cache cannot be written.</exception>
    public static ImageData Read(string path, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel)
    {
        ImageFolderListing listing = ImageFolderListing.Of(path, cancel);
        string folder = ImageCache.ChooseFolder(options.CacheFolder, Environment.GetEnvironmentVariable("XDG_CACHE_HOME"));
        var cache = new ImageCache(folder, listing);
        cache.RemoveLeftovers();
        ImageCache.Content? content = cache.TryOpen(cancel);
        if (content is null)
        {
            cache.Build(options.Threads, progress, cancel);
            content = cache.TryOpen(cancel) ?? throw new RunFailedException(
                $"the cache '{cache.FilePath}' or the images of '{listing.Folder}' were changed by another program while they were "
                + "read. Run again.");
        }
        return Divide(listing, content);
    }

    private static ImageData Divide(ImageFolderListing listing, ImageCache.Content content)
    {
        int[] labels = Array.ConvertAll(listing.Files, file => file.Label);
        long testStart = (long)listing.TrainCount * content.Shape.Bytes;
        return new ImageData(
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
