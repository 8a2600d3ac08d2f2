using System.Collections.Immutable;
using System.Globalization;
using PandaNas.Data.Batches;
using PandaNas.Data.Resizing;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Formats;

/// <summary>Reads folders of the MNIST family: four IDX files, plain or gzip.</summary>
internal static class IdxReader
{
    // A little is left for the header.
    private static readonly FileKind Kind = new("an IDX file", IdxFile.LargestBytes + 1024, "Download or unpack it again.");

    /// <summary>
    /// Reads <c>train-images-idx3-ubyte</c>, <c>train-labels-idx1-ubyte</c> and the same with <c>t10k</c>; the classes are named by
    /// number.
    /// </summary>
    /// <param name="path">The folder.</param>
    /// <param name="transposes">Whether rows and columns are exchanged; null does so for files of EMNIST, which stores them so.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <exception cref="BadDataException">A file is missing or damaged, or the files do not fit each other.</exception>
    public static ImageData Read(string path, bool? transposes, CancellationToken cancel)
    {
        InputFile.RequireFolder(path, "a folder with the IDX files of the MNIST family");
        string prefix = PrefixIn(path);
        bool isEmnist = prefix.StartsWith("emnist", StringComparison.OrdinalIgnoreCase);
        ImageData images = Read("idx", part => Find(path, prefix, part), classNames: null, cancel);
        if (!(transposes ?? isEmnist)) return images;
        string note = "the pictures' rows and columns were exchanged"
            + (transposes is null ? $", because EMNIST stores them so ({Mention.Option("idx-transpose")} off keeps them)" : "");
        return images with { Train = Transpose(images.Train), Test = Transpose(images.Test), Notes = [.. images.Notes, note] };
    }

    /// <summary>Whether a folder has IDX files of training images.</summary>
    public static bool IsAt(string folder) => Directory.EnumerateFiles(folder, "*train-images*idx3-ubyte*").Any();

    /// <summary>Reads four IDX files from anywhere.</summary>
    /// <param name="dataSet">The identity of the data.</param>
    /// <param name="find">Gives the file of a part's name, for example <c>train-images-idx3-ubyte</c>.</param>
    /// <param name="classNames">The class names; null names the classes found by number.</param>
    /// <param name="cancel">Stops between two files.</param>
    /// <exception cref="BadDataException">A file is damaged, or the files do not fit each other.</exception>
    public static ImageData Read(
        string dataSet, Func<string, IdxFile> find, ImmutableArray<string>? classNames, CancellationToken cancel)
    {
        (IdxFile trainFile, int[] trainLabels, byte[] trainPixels, ImageShape shape) = ReadPart(find, "train", cancel);
        (IdxFile testFile, int[] testLabels, byte[] testPixels, ImageShape testShape) = ReadPart(find, "t10k", cancel);
        if (shape != testShape)
            throw new BadDataException(
                $"'{testFile.Name}' has images of {testShape.SizeText} pixels; expected {shape.SizeText}, as in '{trainFile.Name}'. "
                + "Use files of one data set.");

        // EMNIST's letters are numbered from 1.
        int offset = classNames is null && trainLabels.Min() == 1 ? 1 : 0;
        if (offset > 0) foreach (int[] labels in (int[][])[trainLabels, testLabels]) Shift(labels, find("t10k-labels-idx1-ubyte").Name);
        ImmutableArray<string> names = classNames ?? NumberClasses(find("train-labels-idx1-ubyte").Name, trainLabels, offset);
        CheckLabels(find("train-labels-idx1-ubyte").Name, trainLabels, names.Length);
        CheckLabels(find("t10k-labels-idx1-ubyte").Name, testLabels, names.Length);
        return new ImageData(
            dataSet,
            new ImageSet(new ArrayPixels(trainPixels), 0, null, trainLabels, shape, names),
            new ImageSet(new ArrayPixels(testPixels), 0, null, testLabels, shape, names))
        {
            Notes = offset == 0 ? [] : [$"the labels of these files begin at 1: the classes are called 1 to {names.Length}"],
        };
    }

    private static void Shift(int[] labels, string file)
    {
        int zero = Array.IndexOf(labels, 0);
        if (zero >= 0)
            throw new BadDataException(
                $"'{file}', label {zero}: the label is 0, but those of the training images begin at 1. Use files of one data set.");
        for (int i = 0; i < labels.Length; i++) labels[i]--;
    }

    // EMNIST's files are called emnist-letters-train-images-idx3-ubyte, and come several sets to a folder.
    private static string PrefixIn(string folder)
    {
        string[] prefixes =
        [
            .. Directory.EnumerateFiles(folder, "*train-images*idx3-ubyte*").Select(Path.GetFileName).OfType<string>()
                .Select(name => name[..name.IndexOf("train-images", StringComparison.Ordinal)]).Distinct().Order(StringComparer.Ordinal),
        ];
        return prefixes.Length == 0 || prefixes.Contains("") ? "" : prefixes.Length == 1 ? prefixes[0]
            : throw new BadDataException(
                $"'{folder}' has several data sets: {string.Join(", ", prefixes.Select(prefix => $"'{prefix}…'"))}. "
                + "Put the four files of one into a folder of its own.");
    }

    private static ImageSet Transpose(LabelledImages part)
    {
        var images = (ImageSet)part;
        int height = images.Height, width = images.Width, area = height * width;
        byte[] pixels = new byte[images.Count * area];
        for (int i = 0; i < images.Count; i++)
        {
            ReadOnlySpan<byte> from = images.Pixels(i);
            Span<byte> to = pixels.AsSpan(i * area, area);
            for (int y = 0; y < height; y++)
                for (int x = 0; x < width; x++) to[x * height + y] = from[y * width + x];
        }
        var transposed = new ImageSet(
            new ArrayPixels(pixels), 0, null, images.Labels.ToArray(), new ImageShape(1, width, height), images.ClassNames);
        images.Dispose();
        return transposed;
    }

    private static IdxFile Find(string folder, string prefix, string part)
    {
        part = prefix + part;
        // Some mirrors write a dot before "idx", and EMNIST's test files are called so.
        string test = part.Replace("t10k", "test", StringComparison.Ordinal);
        string[] plain = [part, Dotted(part), test, Dotted(test)];
        string[] names = [.. plain.SelectMany(name => (string[])[name, name + ".gz"])];
        string? found = names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
        return found is not null
            ? new IdxFile(found, () => InputFile.Open(found, Kind))
            : throw new BadDataException(
                $"'{Path.Combine(folder, part)}' is missing, and so is '{part}.gz'. Put all four files of the data set into one folder.");
    }

    private static string Dotted(string name) => name.Replace("-idx", ".idx", StringComparison.Ordinal);

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
    private static ImmutableArray<string> NumberClasses(string file, int[] labels, int offset)
    {
        int classes = labels.Max() + 1;
        int gap = Enumerable.Range(0, classes).Except(labels).Append(classes).Min();
        if (gap < classes)
            throw new BadDataException(
                $"'{file}', label {Array.FindIndex(labels, label => label > gap)}: the label is above {gap}, which no image has; "
                + "expected 0 to K - 1 without gaps. "
                + "The file is damaged or not of the MNIST family: download it again.");
        return [.. Enumerable.Range(offset, classes).Select(label => label.ToString(CultureInfo.InvariantCulture))];
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
