using System.Collections.Immutable;
using PandaNas.Runtime;

namespace PandaNas.Data;

/// <summary>One way in which images are stored: its name, and the function that reads it.</summary>
internal sealed record ImageFormat(string Name, bool HasPath, ImageFormat.Reader Read)
{
    /// <summary>Reads train and test images from a folder, at their stored size.</summary>
    internal delegate ImageData Reader(
        string path, ImageReadOptions options, IProgress<ImageReadProgress>? progress, CancellationToken cancel);

    /// <summary>Every format there is.</summary>
    public static ImmutableArray<ImageFormat> All { get; } =
    [
        new("cifar10", HasPath: true, (path, _, _, cancel) => CifarReader.Read(CifarLayout.Cifar10, path, cancel)),
        new("cifar100", HasPath: true, (path, _, _, cancel) => CifarReader.Read(CifarLayout.Cifar100, path, cancel)),
        new("idx", HasPath: true, (path, _, _, cancel) => IdxReader.Read(path, cancel)),
        new("images", HasPath: true, ImageFolderReader.Read),
        new("fashion-mnist-small", HasPath: false, (_, _, _, _) => FashionMnistSmall.Read()),
    ];

    /// <summary>The format of that name.</summary>
    /// <exception cref="BadOptionException">There is none; the message names the nearest one and all others.</exception>
    public static ImageFormat Find(string name) =>
        All.FirstOrDefault(format => format.Name == name) ?? throw new BadOptionException(
            $"unknown data format '{name}': did you mean '{NearestName.Of(name, All.Select(format => format.Name))}'? "
            + $"Write FORMAT:PATH with one of {string.Join(", ", All.Select(format => format.Name))}");
}
