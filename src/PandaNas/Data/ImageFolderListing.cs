using System.Collections.Immutable;
using System.IO.Enumeration;
using PandaNas.Runtime;

namespace PandaNas.Data;

/// <summary>One image file of an image folder.</summary>
/// <param name="RelativePath">From the data set's folder, with '/' between names.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Last modification, UTC ticks of 100 ns.</param>
/// <param name="Label">The class.</param>
internal readonly record struct ImageFolderFile(string RelativePath, long Size, long Modified, int Label);

/// <summary>
/// The files of an image folder, <c>train/CLASS/*</c> then <c>test|val/CLASS/*</c>, each sorted by class and file name (ordinal).
/// </summary>
/// <param name="Folder">The absolute path of the folder.</param>
/// <param name="ClassNames">The names of the class folders.</param>
/// <param name="Files">All files; the first <paramref name="TrainCount"/> are for training.</param>
/// <param name="TrainCount">The number of training files.</param>
internal sealed record ImageFolderListing(string Folder, ImmutableArray<string> ClassNames, ImageFolderFile[] Files, int TrainCount)
{
    private const string Layout = "an image folder: train/CLASS/* and test/CLASS/* (or val/CLASS/*)";

    /// <summary>The full path of a file.</summary>
    public string FullPath(in ImageFolderFile file) => Path.Combine(Folder, file.RelativePath);

    /// <summary>Lists a folder without opening the images.</summary>
    /// <exception cref="BadDataException">
    /// A folder is missing or cannot be read, a class has no images, or the training and test classes differ.
    /// </exception>
    public static ImageFolderListing Of(string folder, CancellationToken cancel)
    {
        InputFile.RequireFolder(folder, Layout);
        string root = Path.TrimEndingDirectorySeparator(folder);
        string train = Path.Combine(root, "train");
        InputFile.RequireFolder(train, Layout);
        string test = FindTest(root);

        string[] classes = ListClasses(train);
        CompareClasses(train, classes, test, ListClasses(test));
        var files = new List<ImageFolderFile>();
        AddPart(files, root, train, classes, cancel);
        int trainCount = files.Count;
        AddPart(files, root, test, classes, cancel);
        return new ImageFolderListing(root, [.. classes], [.. files], trainCount);
    }

    /// <summary>The listing without some files.</summary>
    /// <param name="keeps">Whether a file stays, by its number.</param>
    /// <exception cref="BadDataException">A class is left without images.</exception>
    public ImageFolderListing Where(Func<int, bool> keeps)
    {
        int[] kept = [.. Enumerable.Range(0, Files.Length).Where(keeps)];
        int trainCount = kept.Count(number => number < TrainCount);
        RequireAllClasses(kept.AsSpan(0, trainCount), "training");
        RequireAllClasses(kept.AsSpan(trainCount), "test");
        return this with { Files = [.. kept.Select(number => Files[number])], TrainCount = trainCount };
    }

    private void RequireAllClasses(ReadOnlySpan<int> files, string part)
    {
        var found = new bool[ClassNames.Length];
        foreach (int file in files) found[Files[file].Label] = true;
        int missing = Array.IndexOf(found, false);
        if (missing >= 0)
            throw new BadDataException(
                $"every {part} image of the class '{ClassNames[missing]}' in '{Folder}' is damaged: replace some, or remove the class from both parts.");
    }

    private static string FindTest(string root)
    {
        string test = Path.Combine(root, "test"), val = Path.Combine(root, "val");
        if (Directory.Exists(test)) return test;
        if (Directory.Exists(val)) return val;
        throw new BadDataException($"'{root}' has neither the folder 'test' nor 'val'; expected {Layout}. Add the test images.");
    }

    private static string[] ListClasses(string part)
    {
        string[] names = InputFile.Guard(part, Layout, () =>
            new FileSystemEnumerable<string>(part, (ref FileSystemEntry entry) => entry.FileName.ToString(), Visible())
            {
                ShouldIncludePredicate = (ref FileSystemEntry entry) => entry.IsDirectory,
            }.ToArray());
        if (names.Length == 0)
            throw new BadDataException(
                $"'{part}' has no class folders; expected {Layout}. Put the images of each class into a folder of the class's name.");
        Array.Sort(names, StringComparer.Ordinal);
        return names;
    }

    private static void CompareClasses(string train, string[] trainClasses, string test, string[] testClasses)
    {
        foreach (string name in trainClasses.Except(testClasses, StringComparer.Ordinal))
            throw new BadDataException(
                $"the class '{name}' is in '{train}' but not in '{test}'; expected the same classes in both. Add it or remove it.");
        foreach (string name in testClasses.Except(trainClasses, StringComparer.Ordinal))
            throw new BadDataException(
                $"the class '{name}' is in '{test}' but not in '{train}'; expected the same classes in both. Add it or remove it.");
    }

    private static void AddPart(List<ImageFolderFile> files, string root, string part, string[] classes, CancellationToken cancel)
    {
        for (int label = 0; label < classes.Length; label++)
        {
            cancel.ThrowIfCancellationRequested();
            string folder = Path.Combine(part, classes[label]);
            string prefix = $"{Path.GetFileName(part)}/{classes[label]}/";
            ImageFolderFile[] found = InputFile.Guard(folder, Layout, () => ListImages(folder, prefix, label));
            if (found.Length == 0)
                throw new BadDataException(
                    $"the class folder '{folder}' has no images; expected JPEG or PNG files. "
                    + "Add some, or remove the class from train and test.");
            Array.Sort(found, (a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
            files.AddRange(found);
        }
    }

    private static ImageFolderFile[] ListImages(string folder, string prefix, int label) =>
        new FileSystemEnumerable<ImageFolderFile>(
            folder, (ref FileSystemEntry entry) => Describe(ref entry, prefix, label), Visible()).ToArray();

    private static ImageFolderFile Describe(ref FileSystemEntry entry, string prefix, int label)
    {
        string name = entry.FileName.ToString();
        if (entry.IsDirectory)
            throw new BadDataException(
                $"'{entry.ToFullPath()}' is a folder within a class; expected JPEG or PNG files only. Move its images up, or remove it.");
        // A link's own size and time say nothing about the image behind it.
        bool link = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
        FileSystemInfo? target = link ? new FileInfo(entry.ToFullPath()).ResolveLinkTarget(returnFinalTarget: true) : null;
        return target is FileInfo { Exists: true } file
            ? new ImageFolderFile(prefix + name, file.Length, file.LastWriteTimeUtc.Ticks, label)
            : new ImageFolderFile(prefix + name, entry.Length, entry.LastWriteTimeUtc.UtcTicks, label);
    }

    private static EnumerationOptions Visible() => new() { AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };
}
