using System.Collections.Immutable;
using PandaNas.Data.Batches;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Formats;

/// <summary>Reads the official binary folders of CIFAR-10 and CIFAR-100.</summary>
internal static class CifarReader
{
    // Of the largest official file, ten times.
    private const long LargestFile = 1_540_000_000;
    private const string Remedy = "Download or unpack it again.";

    /// <summary>Reads a folder, or the folder of the official name inside it.</summary>
    /// <exception cref="BadDataException">A file is missing, of a wrong length, or has a label outside the classes.</exception>
    public static ImageData Read(CifarLayout layout, string path, CancellationToken cancel)
    {
        InputFile.RequireFolder(path, $"the folder '{layout.Folder}' of the official binary archive");
        string inner = Path.Combine(path, layout.Folder);
        string folder = Directory.Exists(inner) ? inner : path;
        RefusePythonVersion(layout, folder);
        if (folder == path && !File.Exists(Path.Combine(path, layout.TestFile)))
            RefusePythonVersion(layout, Path.Combine(path, layout.PythonFolder));

        ImmutableArray<string> names = ReadNames(layout, Path.Combine(folder, layout.NamesFile));
        string[] train = [.. layout.TrainFiles.Select(file => Path.Combine(folder, file))];
        string test = Path.Combine(folder, layout.TestFile);
        CheckLengths(layout, train, test);
        return new ImageData(layout.Name, ReadFiles(layout, train, names, cancel), ReadFiles(layout, [test], names, cancel));
    }

    /// <summary>Whether a folder, or the folder of an official name inside it, has such files, of whatever version.</summary>
    public static bool IsAt(CifarLayout layout, string path)
    {
        string first = layout.TrainFiles[0], python = Path.ChangeExtension(first, null);
        return new[] { path, Path.Combine(path, layout.Folder), Path.Combine(path, layout.PythonFolder) }.Any(folder =>
            File.Exists(Path.Combine(folder, layout.NamesFile)) && File.Exists(Path.Combine(folder, first))
            || File.Exists(Path.Combine(folder, python)) && File.Exists(Path.Combine(folder, layout.PythonNamesFile)));
    }

    // The archives come in three versions; the Python one differs only in what stands before ".bin".
    private static void RefusePythonVersion(CifarLayout layout, string folder)
    {
        string first = Path.Combine(folder, layout.TrainFiles[0]);
        if (!File.Exists(first) && File.Exists(Path.ChangeExtension(first, null)))
            throw new BadDataException(
                $"'{folder}' holds the Python version of {layout.Name}: pickles, which are programs that would run when read, "
                + $"so they are never opened. Expected '{layout.TrainFiles[0]}': download the binary version, "
                + $"'{layout.BinaryArchive}', from the same page.");
    }

    private static ImmutableArray<string> ReadNames(CifarLayout layout, string path)
    {
        var kind = new FileKind($"{layout.Classes} class names, one a line", 1 << 16, Remedy);
        string text = InputFile.ReadText(path, kind);
        ImmutableArray<string> names = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        if (names.Length != layout.Classes)
            throw new BadDataException($"'{path}' has {names.Length} names; expected {kind.Expected}. {Remedy}");
        return names;
    }

    // A file that was cut between two records is found by comparing the lengths, which have fixed proportions.
    private static void CheckLengths(CifarLayout layout, string[] train, string test)
    {
        long testRecords = CountRecords(layout, test);
        foreach (string path in train)
        {
            long records = CountRecords(layout, path);
            if (records != testRecords * layout.TrainToTest)
                throw new BadDataException(
                    $"'{path}' has {records} images and '{test}' {testRecords}; expected {layout.TrainToTest} in it for each of those. "
                    + "One of them is truncated or from another archive: unpack them again.");
        }
        if (testRecords * layout.TrainToTest * train.Length > Array.MaxLength / CifarLayout.Shape.Bytes)
            throw new BadDataException(
                $"'{test}' has {testRecords} images, too many for {layout.Name} (10,000). {Remedy}");
    }

    private static long CountRecords(CifarLayout layout, string path)
    {
        using FileStream file = InputFile.Open(path, Records(layout));
        if (file.Length % layout.RecordBytes != 0)
            throw new BadDataException(
                $"'{path}' has {file.Length} bytes; expected a multiple of {layout.RecordBytes}, "
                + $"so it is truncated or no {layout.Name} file. {Remedy}");
        return file.Length / layout.RecordBytes;
    }

    private static ImageSet ReadFiles(CifarLayout layout, string[] paths, ImmutableArray<string> names, CancellationToken cancel)
    {
        int total = (int)paths.Sum(path => CountRecords(layout, path));
        byte[] pixels = GC.AllocateUninitializedArray<byte>(total * CifarLayout.Shape.Bytes);
        int[] labels = new int[total];
        int done = 0;
        foreach (string path in paths)
        {
            cancel.ThrowIfCancellationRequested();
            done += InputFile.Guard(path, Records(layout).Expected, () => ReadRecords(layout, path, pixels, labels, done));
        }
        return new ImageSet(new ArrayPixels(pixels), 0, null, labels, CifarLayout.Shape, names);
    }

    private static FileKind Records(CifarLayout layout) => new($"records of {layout.RecordBytes} bytes", LargestFile, Remedy);

    private static int ReadRecords(CifarLayout layout, string path, byte[] pixels, int[] labels, int done)
    {
        using FileStream file = InputFile.Open(path, Records(layout));
        int records = (int)Math.Min(file.Length / layout.RecordBytes, labels.Length - done);
        int bytes = CifarLayout.Shape.Bytes;
        Span<byte> label = stackalloc byte[layout.LabelLimits.Length];
        for (int i = 0; i < records; i++)
        {
            file.ReadExactly(label);
            CheckLabels(layout, path, i, label);
            labels[done + i] = label[^1];
            file.ReadExactly(pixels, (done + i) * bytes, bytes);
        }
        return records;
    }

    private static void CheckLabels(CifarLayout layout, string path, int record, ReadOnlySpan<byte> label)
    {
        for (int k = 0; k < label.Length; k++)
            if (label[k] is var found && layout.LabelLimits[k] is var limit && found >= limit)
                throw new BadDataException(
                    $"'{path}', image {record} (byte {(long)record * layout.RecordBytes + k}): the label is {found}; expected 0 to "
                    + $"{limit - 1}. The file is damaged or no {layout.Name} file: download or unpack it again.");
    }
}
