using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Data.Folders;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Formats;

/// <summary>A data set's training and test images: one shape, the same classes.</summary>
/// <param name="DataSet">
/// What the images are, to be compared with a truth table's: <c>cifar10</c>, <c>cifar100</c>, <c>fashion-mnist</c>, <c>mnist</c>,
/// <c>idx</c> (an IDX folder does not say which of the MNIST family it is) or <c>images</c>.
/// </param>
/// <param name="Train">The training images.</param>
/// <param name="Test">The test images.</param>
public sealed record ImageData(string DataSet, LabelledImages Train, LabelledImages Test) : IDisposable
{
    /// <summary>What was found in every file of an image folder, also of those that were left out; empty for other formats.</summary>
    internal ImmutableArray<InspectedImage> Files { get; init; } = [];

    /// <summary>What a user should know of how the images were read, each a sentence without its full stop.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>How many files were left out of both parts because they cannot be used.</summary>
    internal int LeftOut =>
        UnusableFiles + (Split is { } split && Files.Length == split.Training.Length + split.Test.Length ? split.LeftOut.Length : 0);

    /// <summary>How many were left out, and why: <c>3 images left out: 2 damaged, 1 TIFF</c>; null if none was.</summary>
    internal string? LeftOutText => UnusableFiles == 0 ? null : $"{UnusableFiles} images left out: " + string.Join(", ", Files
        .Where(file => !file.Finding.IsUsable).CountBy(file => file.Finding.FaultText)
        .OrderByDescending(one => one.Value).ThenBy(one => one.Key, StringComparer.Ordinal).Select(one => $"{one.Value} {one.Key}"));

    /// <summary>Images for ranking that come with the data; null where some of the training images must do.</summary>
    public LabelledImages? Validation { get; init; }

    /// <summary>How a folder without parts of its own was divided; null for other data.</summary>
    internal FolderSplit? Split { get; init; }

    /// <summary>How many usable images of the folder the recorded division does not know: they came later, and are left out.</summary>
    internal int Newer { get; init; }

    /// <summary>Why nothing can be learnt from the data: it has a single class; null with more.</summary>
    internal string? SingleClass { get; init; }

    /// <summary>What lies in class folders and is no image by its name: relative paths.</summary>
    internal ImmutableArray<string> Others { get; init; } = [];

    /// <summary>How pictures of a folder became squares; null where all were squares of one size, and of other formats.</summary>
    internal Fitting? Fitting { get; init; }

    private int UnusableFiles => Files.Count(file => !file.Finding.IsUsable);

    /// <summary>
    /// The images scaled down to size×size pixels, each new pixel the mean of the area that it covers; those of this object are let go.
    /// For 0 they stay as they are.
    /// </summary>
    /// <exception cref="BadOptionException">The images are smaller than that.</exception>
    public ImageData AtSize(int size)
    {
        if (size == 0) return this;
        var made = new List<LabelledImages>();
        try
        {
            foreach (LabelledImages part in Parts)
                using (part) made.Add(((ImageSet)part).Downscale(size));
            return this with { Train = made[0], Test = made[1], Validation = made.ElementAtOrDefault(2) };
        }
        catch
        {
            foreach (LabelledImages part in made) part.Dispose();
            Dispose();
            throw;
        }
    }

    /// <summary>Disposes all sets; views selected from them stay valid until they are disposed themselves.</summary>
    public void Dispose()
    {
        foreach (LabelledImages part in Parts) part.Dispose();
    }

    private IEnumerable<LabelledImages> Parts => Validation is null ? [Train, Test] : [Train, Test, Validation];
}
