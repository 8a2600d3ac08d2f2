using PandaNas.Data.Formats;

namespace PandaNas;

/// <summary>Where labelled images are. They are read by what works with them, so that this stays valid and needs no disposing.</summary>
/// <example>
/// <code>
/// Images photos = ImageFolder.Open("photos"), cifar = Images.Open("cifar10:data/cifar-10-batches-bin"), small = Images.FashionMnistSmall;
/// </code>
/// </example>
public sealed record Images
{
    private Images(string source) => Source = source;

    /// <summary>10,000 training and 2,000 test images of ten classes of clothes, 28×28 grey, that come with the library.</summary>
    public static Images FashionMnistSmall { get; } = new("fashion-mnist-small");

    /// <summary>The source, as <c>FORMAT:PATH</c> with an absolute path.</summary>
    public string Source { get; }

    /// <summary>Names images.</summary>
    /// <param name="source">
    /// <c>FORMAT:PATH</c>, <c>FORMAT</c> alone for a format that is built in, or a folder, which is taken for what its files look like.
    /// </param>
    /// <param name="catalog">Has the format if it is one of your own.</param>
    /// <exception cref="BadOptionException">
    /// The format is unknown (the message names the nearest one), or the path is missing or not wanted.
    /// </exception>
    /// <exception cref="BadDataException">There is no such folder.</exception>
    public static Images Open(string source, Catalog? catalog = null)
    {
        DataSource parsed = DataSource.Parse(source, (catalog ?? Catalog.Default).Formats).Absolute();
        if (parsed.Path is { } path && !Path.Exists(path))
            throw new BadDataException($"there is no folder '{path}', or the one it is in may not be entered");
        return new Images(parsed.ToString());
    }
}

/// <summary>Photos in a folder for each class, or in <c>train/CLASS</c> and <c>test/CLASS</c>.</summary>
/// <example><code>Images images = ImageFolder.Open("photos");</code></example>
public static class ImageFolder
{
    /// <summary>Names a folder of JPEG, PNG, WebP, GIF and BMP pictures of any size.</summary>
    /// <param name="folder">The folder.</param>
    /// <exception cref="BadDataException">There is no such folder.</exception>
    public static Images Open(string folder)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(folder);
        return Images.Open($"images:{folder}");
    }
}
