using System.Collections.Immutable;
using System.Globalization;

namespace PandaNas.Data;

/// <summary>Reads folders of the MNIST family: four IDX files, plain or gzip.</summary>
internal static class IdxReader
{
    /// <summary>
    /// Reads <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c> and the same with <c>t10k</c>; the classes are named by
    /// number.
    /// </summary>
    /// <exception cref="BadDataException">A file is missing or damaged, or the files do not fit each other.</exception>
    public static StoredImages Read(string path, CancellationToken cancel)
    {
        InputFile.RequireFolder(path, "a folder with the IDX files of the MNIST family");
        return Read("idx", part => Find(path, part), classNames: null, cancel);
    }

    /// <summary>Whether a folder has IDX files of training images.</summary>
    public static bool IsAt(string folder) => Directory.EnumerateFiles(folder, "*train-images*idx3-ubyte*").Any();

    /// <summary>Reads four IDX files from anywhere.</summary>
    /// <param name="dataSet">The identity of the data.</param>
    /// <param name="find">Gives the file of a part's name, for example <c>train-images-idx3-ubyte</c>.</param>
    /// <param name="classNames">The class names; null names the classes found by number.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <exception cref="BadDataException">A file is damaged, or the files do not fit each other.</exception>
    public static StoredImages Read(string dataSet, Func<string, IdxFile> find, ImmutableArray<string>? classNames, CancellationToken cancel)
    {
        (IdxFile trainFile, int[] trainLabels, byte[] trainPixels, ImageShape shape) = ReadPart(find, "train", cancel);
        (IdxFile testFile, int[] testLabels, byte[] testPixels, ImageShape testShape) = ReadPart(find, "t10k", cancel);
        if (shape != testShape)
            throw new BadDataException(
                $"'{testFile.Name}' has images of {testShape.SizeText} pixels; expected {shape.SizeText}, as in '{trainFile.Name}'. "
                + "Use files of one data set.");

        ImmutableArray<string> names = classNames ?? NumberClasses(find("train-labels-idx1-ubyte").Name, trainLabels);
        CheckLabels(find("train-labels-idx1-ubyte").Name, trainLabels, names.Length);
        CheckLabels(find("t10k-labels-idx1-ubyte").Name, testLabels, names.Length);
        return new StoredImages(
            dataSet,
            new ImageSet(new ArrayPixels(trainPixels), 0, null, trainLabels, shape, names),
            new ImageSet(new ArrayPixels(testPixels), 0, null, testLabels, shape, names));
    }

    private static IdxFile Find(string folder, string part)
    {
        // Some mirrors write a dot before "idx".
        string dotted = part.Replace("-idx", ".idx", StringComparison.Ordinal);
        string[] names = [part, part + ".gz", dotted, dotted + ".gz"];
        string? found = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found is not null
            ? new IdxFile(found, () => InputFile.Open(found, "an IDX file"))
            : throw new BadDataException(
                $"'{Path.Combine(folder, part)}' is missing, and so is '{part}.gz'. Put all four files of the data set into one folder.");
    }

    private static (IdxFile File, int[] Labels, byte[] Pixels, ImageShape Shape) ReadPart(
        Func<string, IdxFile> find, string part, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        IdxFile imageFile = find($"{part}-images-idx3-ubyte"), labelFile = find($"{part}-labels-idx1-ubyte");
        (int[] labelSizes, byte[] labels) = labelFile.Read(dimensions: 1);
        cancel.ThrowIfCancellationRequested();
        (int[] sizes, byte[] pixels) = imageFile.Read(dimensions: 3);
        if (sizes[0] != labelSizes[0])
            throw new BadDataException(
                $"'{imageFile.Name}' has {sizes[0]} images and '{labelFile.Name}' {labelSizes[0]} labels; expected as many of both. "
                + "Use files of one data set.");
        return (imageFile, Array.ConvertAll(labels, label => (int)label), pixels, new ImageShape(1, sizes[1], sizes[2]));
    }

    // A damaged label would add classes that have no images, so a gap is an error.
    private static ImmutableArray<string> NumberClasses(string file, int[] labels)
    {
        int classes = labels.Max() + 1;
        int gap = Enumerable.Range(0, classes).Except(labels).Append(classes).Min();
        if (gap < classes)
            throw new BadDataException(
                $"'{file}', label {Array.FindIndex(labels, label => label > gap)}: the label is above {gap}, which no image has; "
                + "expected 0 to K - 1 without gaps. "
                + "The file is damaged or not of the MNIST family: download it again.");
        return [.. Enumerable.Range(0, classes).Select(label => label.ToString(CultureInfo.InvariantCulture))];
    }

    private static void CheckLabels(string file, int[] labels, int classes)
    {
        int bad = Array.FindIndex(labels, label => label >= classes);
        if (bad >= 0)
            throw new BadDataException(
                $"'{file}', label {bad} (byte {8 + bad} unpacked): the label is {labels[bad]}; expected 0 to {classes - 1}. "
                + "The file is damaged or of another data set: download it again.");
    }
}
