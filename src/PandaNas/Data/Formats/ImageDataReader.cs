using System.Collections.Immutable;
using PandaNas.Data.Folders;

namespace PandaNas.Data.Formats;

/// <summary>Opens images of any format; all formats give the same thing.</summary>
internal static class ImageDataReader
{
    /// <summary>Opens the images of a source at the size that the options ask for. The caller disposes the result.</summary>
    /// <param name="source">Where the images are.</param>
    /// <param name="options">Size, cache folder, threads, and whether an image folder is streamed.</param>
    /// <param name="cancel">Stops the decoding; nothing is left behind.</param>
    /// <param name="progress">Hears about checking and decoding an image folder that is not in the cache.</param>
    /// <param name="formats">The formats that there are; those that are built in unless given.</param>
    /// <exception cref="BadDataException">A file or folder is missing, unreadable, damaged or not what the format asks for.</exception>
    /// <exception cref="BadOptionException">The format is unknown or an option is out of its range.</exception>
    /// <exception cref="RunFailedException">The cache cannot be written.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public static ImageData Open(
        DataSource source, ImageReadOptions options, CancellationToken cancel = default, IProgress<RunProgress>? progress = null,
        ImmutableArray<ImageFormat> formats = default)
    {
        ImageFormat format = ImageFormat.Find(formats.IsDefault ? ImageFormat.BuiltIn : formats, source.Format);
        if (format.HasPath && string.IsNullOrWhiteSpace(source.Path))
            throw new BadOptionException($"the data '{source}' names no folder; write '{source.Format}:PATH'");

        return format.Read(format.HasPath ? Path.GetFullPath(source.Path!) : "", options, progress, cancel);
    }
}
