using System.Globalization;
using PandaNas.Data.Batches;

namespace PandaNas.Data.Folders;

/// <summary>Which files of an image folder train, rank and test: by their folders, as a run has recorded, or divided by a seed.</summary>
internal sealed class FolderParts
{
    private readonly ImageFolderListing _listing;
    private readonly ImagePart[] _parts;

    private FolderParts(ImageFolderListing listing, ImagePart[] parts, FolderSplit? split, string? note)
    {
        _listing = listing;
        _parts = parts;
        Split = split;
        Notes = note is null ? [.. listing.Notes] : [.. listing.Notes, note];
    }

    /// <summary>The division by file name, where the folder has no parts of its own.</summary>
    public FolderSplit? Split { get; }

    /// <summary>What a file is used for, by its number.</summary>
    public ImagePart this[int number] => _parts[number];

    /// <summary>What is to be said: one sentence each.</summary>
    public IReadOnlyList<string> Notes { get; }

    /// <summary>Divides the usable files of a folder.</summary>
    /// <exception cref="BadDataException">Nothing would be left to test or to train, or files that a run needs are not usable.</exception>
    public static FolderParts Of(ImageFolderListing listing, ImageReadOptions options)
    {
        if (!listing.IsUndivided) return new FolderParts(listing, Array.ConvertAll(listing.Files, file => file.Part), null, null);
        FolderSplit split = options.Split ?? FolderSplit.Of(listing, options.TestShare, options.SplitSeed);
        if (split.Test.IsEmpty)
            throw new BadDataException(
                $"no class in '{listing.Folder}' has two images, so none can be kept to test with; "
                + $"expected {FolderLayout.Expected}, with two or more images a class. Add images.");
        HashSet<string> test = [.. split.Test];
        ImagePart[] parts = Array.ConvertAll(listing.Files, file => test.Contains(file.RelativePath) ? ImagePart.Test : ImagePart.Training);
        string[] gone = [.. split.Training.Concat(split.Test).Except(listing.Files.Select(file => file.RelativePath))];
        if (gone.Length > 0)
            throw new BadDataException(
                $"{gone.Length} of the images with which the run was started can no longer be used: "
                + $"{ImageFolderListing.ListOf(gone)}. Restore them, or start a new run.");
        int total = listing.Files.Length, tested = parts.Count(part => part == ImagePart.Test);
        string note = string.Create(
            CultureInfo.InvariantCulture,
            $"'{listing.Folder}' has no train and test folders: {tested} of its {total} images ({100.0 * tested / total:0.#}%) "
            + $"are the test part, drawn within each class by seed {split.Seed}");
        return new FolderParts(listing, parts, split, note);
    }

    /// <summary>Makes the data set; a part that has no images is null.</summary>
    /// <param name="make">Makes images from the numbers of files and their labels.</param>
    public (T Training, T? Validation, T Test) Make<T>(Func<int[], int[], T> make) where T : LabelledImages
    {
        T training = OfPart(ImagePart.Training);
        T? validation = _parts.Contains(ImagePart.Validation) ? OfPart(ImagePart.Validation) : null;
        return (training, validation, OfPart(ImagePart.Test));

        T OfPart(ImagePart part)
        {
            int[] files = [.. Enumerable.Range(0, _parts.Length).Where(number => _parts[number] == part)];
            return make(files, Array.ConvertAll(files, number => _listing.Files[number].Label));
        }
    }
}
