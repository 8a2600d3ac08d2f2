using System.Collections.Immutable;
using PandaNas.Data.Folders;

namespace PandaNas.Data.Formats;

/// <summary>One way in which images are stored: its name, and the function that reads it.</summary>
/// <param name="Name">The name, which data sources have before the colon.</param>
/// <param name="HasPath">Whether the images lie in a folder, and are not built in.</param>
/// <param name="Read">
/// Reads train and test images: from a folder, absolute, or empty for images that are built in; by options, of which a format heeds what it
/// can, but the size always (<see cref="ImageData.AtSize"/>). It may report long work, and a token stops it.
/// </param>
/// <example>
/// <code>
/// new ImageFormat("mine", HasPath: true, (path, options, progress, cancel) =>
///     new ImageData("mine", ReadTraining(path), ReadTest(path)).AtSize(options.ImageSize))
/// </code>
/// </example>
public sealed record ImageFormat(
    string Name, bool HasPath,
    Func<string, ImageReadOptions, IProgress<RunProgress>?, CancellationToken, ImageData> Read)
{
    /// <summary>Every format that is built in.</summary>
    internal static ImmutableArray<ImageFormat> BuiltIn { get; } =
    [
        new("cifar10", HasPath: true, Stored((path, _, cancel) => CifarReader.Read(CifarLayout.Cifar10, path, cancel))),
        new("cifar100", HasPath: true, Stored((path, _, cancel) => CifarReader.Read(CifarLayout.Cifar100, path, cancel))),
        new("idx", HasPath: true, Stored((path, options, cancel) => IdxReader.Read(path, options.IdxTranspose, cancel))),
        new("images", HasPath: true, ImageFolderReader.Read),
        new("fashion-mnist-small", HasPath: false, Stored((_, _, _) => FashionMnistSmall.Read())),
    ];

    /// <summary>The format of that name.</summary>
    /// <param name="formats">Those that there are.</param>
    /// <param name="name">The name.</param>
    /// <param name="more">What else there is to say if there is none.</param>
    /// <exception cref="BadOptionException">There is none; the message names the nearest one and all others.</exception>
    internal static ImageFormat Find(ImmutableArray<ImageFormat> formats, string name, string more = "") =>
        formats.FirstOrDefault(format => format.Name == name) ?? throw new BadOptionException(
            $"unknown data format '{name}': did you mean '{NearestName.Of(name, formats.Select(format => format.Name))}'? "
            + (more.Length > 0 ? $"{char.ToUpperInvariant(more[0])}{more[1..]}. " : "")
            + $"Write FORMAT:PATH with one of {string.Join(", ", formats.Select(format => format.Name))}");

    // Formats of one or few files: there is nothing to stream, and a damaged one cannot be left out.
    private static Func<string, ImageReadOptions, IProgress<RunProgress>?, CancellationToken, ImageData> Stored(
        Func<string, ImageReadOptions, CancellationToken, ImageData> read) => (path, options, _, cancel) =>
        options.Streaming != StreamingChoice.On
            ? read(path, options, cancel).AtSize(options.ImageSize)
            : throw new BadOptionException(
                "stream is on, but only image folders can be streamed: give them as images:PATH, or leave stream on auto");
}
