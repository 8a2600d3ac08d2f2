using System.Collections.Immutable;
using System.IO.Enumeration;
using PandaNas.Data.Decoding;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Folders;

/// <summary>One image file of an image folder.</summary>
/// <param name="RelativePath">From the data set's folder, with '/' between names.</param>
/// <param name="Size">Bytes.</param>
/// <param name="Modified">Last modification, UTC ticks of 100 ns.</param>
/// <param name="Label">The class.</param>
/// <param name="Part">The part in whose folder it lies; all are for training where the folder is still to be divided.</param>
internal readonly record struct ImageFolderFile(string RelativePath, long Size, long Modified, int Label, ImagePart Part);

/// <summary>The files of an image folder: part by part, each sorted by class and file name (ordinal).</summary>
/// <param name="Folder">The absolute path of the folder.</param>
/// <param name="ClassNames">The names of the class folders that have images.</param>
/// <param name="Files">All files.</param>
internal sealed record ImageFolderListing(string Folder, ImmutableArray<string> ClassNames, ImageFolderFile[] Files)
{
    private const int MostNamed = 10;

    /// <summary>Whether training and test images are still to be told apart.</summary>
    public bool IsUndivided { get; private init; }

    /// <summary>What a folder with one class looks like, from which nothing can be learnt; null with more classes.</summary>
    public string? SingleClass { get; private init; }

    /// <summary>What lies in class folders and is no image: relative paths.</summary>
    public ImmutableArray<string> Others { get; private init; } = [];

    /// <summary>Files that are there and cannot be opened, because their names are not UTF-8.</summary>
    public ImmutableArray<InspectedImage> Unnameable { get; private init; } = [];

    /// <summary>The error that names them.</summary>
    public BadDataException RefuseNames() => new(
        $"{Unnameable.Length} files in '{Folder}' have names that are not UTF-8, so they cannot be opened: "
        + $"{ListOf([.. Unnameable.Select(file => file.Path)])} "
        + "(the replaced letters are those that cannot be read). "
        + $"Rename them, or add {Mention.Option("skip-corrupt")} to do without them.");

    /// <summary>How many images came to the folder after a run had recorded its own.</summary>
    public int Newer { get; private init; }

    /// <summary>What is to be said about the folder: one sentence each.</summary>
    public ImmutableArray<string> Notes { get; private init; } = [];

    /// <summary>The full path of a file.</summary>
    public string FullPath(in ImageFolderFile file) => Path.Combine(Folder, file.RelativePath);

    /// <summary>Lists a folder without opening the images.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="cancel">Stops listing.</param>
    /// <param name="formatOf">As <see cref="FolderLayout.Of"/> takes it.</param>
    /// <exception cref="BadDataException">A folder cannot be read, or the parts have different classes or one without images.</exception>
    public static ImageFolderListing Of(string folder, CancellationToken cancel, Func<string, string?>? formatOf = null)
    {
        FolderLayout layout = FolderLayout.Of(folder, formatOf);
        var walk = new Walk(layout.Root);
        foreach (FolderLayout.Part part in layout.Parts)
            for (int label = 0; label < part.Classes.Length; label++)
            {
                cancel.ThrowIfCancellationRequested();
                walk.AddClass(part, label);
            }
        return walk.Listing(layout);
    }

    /// <summary>The listing without some files.</summary>
    /// <param name="keeps">Whether a file stays, by its number.</param>
    /// <exception cref="BadDataException">A class is left without images in a part.</exception>
    public ImageFolderListing Where(Func<int, bool> keeps)
    {
        ImageFolderFile[] kept = [.. Files.Where((_, number) => keeps(number))];
        foreach (ImagePart part in Files.Select(file => file.Part).Distinct())
        {
            var found = new bool[ClassNames.Length];
            foreach (ImageFolderFile file in kept)
                if (file.Part == part) found[file.Label] = true;
            int missing = Array.IndexOf(found, false);
            if (missing >= 0)
                throw new BadDataException(
                    $"every {Adjective(part)}image of the class '{ClassNames[missing]}' in '{Folder}' is damaged: "
                    + $"replace some, or remove the class{(IsUndivided ? "" : " from all parts")}.");
        }
        return this with { Files = kept };
    }

    /// <summary>The listing of the files, and of the classes, that a run has recorded.</summary>
    /// <exception cref="BadDataException">Some of them are gone; they are named.</exception>
    public ImageFolderListing Only(FolderSplit split)
    {
        HashSet<string> wanted = [.. split.Training, .. split.Test];
        ImageFolderFile[] kept = [.. Files.Where(file => wanted.Contains(file.RelativePath))];
        if (kept.Length < wanted.Count)
        {
            wanted.ExceptWith(kept.Select(file => file.RelativePath));
            throw new BadDataException(
                $"{wanted.Count} of the run's {split.Training.Length + split.Test.Length} images are not in '{Folder}': "
                + $"{ListOf([.. wanted.Order(StringComparer.Ordinal)])}. "
                + $"Restore them, or say with {Mention.Option("data")} images:PATH where the images are now.");
        }
        HashSet<string> leftOut = [.. split.LeftOut];
        int[] labels = [.. kept.Select(file => file.Label).Distinct().Order()];
        return this with
        {
            ClassNames = [.. labels.Select(label => ClassNames[label])],
            Files = Array.ConvertAll(kept, file => file with { Label = Array.IndexOf(labels, file.Label) }),
            Newer = Files.Length - kept.Length - Files.Count(file => leftOut.Contains(file.RelativePath)),
        };
    }

    /// <summary>The first ten names, and how many more there are.</summary>
    internal static string ListOf(IReadOnlyCollection<string> names) =>
        string.Join(", ", names.Take(MostNamed)) + (names.Count > MostNamed ? $" and {names.Count - MostNamed} more" : "");

    private string Adjective(ImagePart part) => IsUndivided ? "" : part.ToString().ToLowerInvariant() + " ";

    /// <summary>Collects what class folders hold.</summary>
    private sealed class Walk(string root)
    {
        private readonly List<ImageFolderFile> _files = [];
        private readonly List<string> _others = [], _special = [];
        private readonly List<InspectedImage> _unnameable = [];

        public void AddClass(FolderLayout.Part part, int label)
        {
            string folder = part.PathOf(root, part.Classes[label]), prefix = $"{part.Prefix}{part.Classes[label]}/";
            ImageFolderFile?[] found = InputFile.Guard(folder, FolderLayout.Expected, () => new FileSystemEnumerable<ImageFolderFile?>(
                folder, (ref entry) => Describe(ref entry, folder, prefix, label, part.Kind), FolderLayout.Visible).ToArray());
            ImageFolderFile[] files = [.. found.OfType<ImageFolderFile>()];
            Array.Sort(files, (a, b) => string.CompareOrdinal(a.RelativePath, b.RelativePath));
            _files.AddRange(files);
        }

        public ImageFolderListing Listing(FolderLayout layout)
        {
            string[] classes = layout.Parts[0].Classes;
            ILookup<(ImagePart, int), ImageFolderFile> byClass = _files.ToLookup(file => (file.Part, file.Label));
            int[] full =
                [.. Enumerable.Range(0, classes.Length).Where(label => layout.Parts.Any(part => byClass.Contains((part.Kind, label))))];
            foreach (FolderLayout.Part part in layout.Parts)
                foreach (int label in full)
                    if (!byClass.Contains((part.Kind, label)))
                        throw new BadDataException(
                            $"the class folder '{part.PathOf(root, classes[label])}' has no images; expected some in every part. "
                            + "Add some, or remove the class from all parts.");
            if (full.Length == 0)
                throw new BadDataException($"no class folder in '{root}' has images; expected {FolderLayout.Expected}. Check the path.");
            return new ImageFolderListing(
                root, [.. full.Select(label => classes[label])],
                [.. _files.Select(file => file with { Label = Array.IndexOf(full, file.Label) })])
            {
                IsUndivided = layout.IsUndivided,
                SingleClass = layout.SingleClass ?? (full.Length > 1 ? null
                    : $"of the class folders in '{root}' only '{classes[full[0]]}' has images, "
                        + "so there is only one class and nothing to learn. Add images of another."),
                Others = [.. _others.Order(StringComparer.Ordinal)],
                Unnameable =
                [
                    .. _unnameable
                        .Where(file => full.Contains(file.Label))
                        .OrderBy(file => file.Path, StringComparer.Ordinal)
                        .Select(file => file with { Label = Array.IndexOf(full, file.Label) }),
                ],
                Notes = [.. layout.Notes, .. NotesOf([.. classes.Except(full.Select(label => classes[label]))])],
            };
        }

        private IEnumerable<string> NotesOf(string[] empty)
        {
            if (empty.Length > 0) yield return LeftOut(empty, "class folder without images", "class folders without images");
            if (_others.Count > 0) yield return LeftOut(_others, "file that is no image", "files that are no images");
            if (_special.Count > 0) yield return LeftOut(_special, "entry that is no file", "entries that are no files");
        }

        private static string LeftOut(IReadOnlyCollection<string> names, string one, string many) =>
            $"{names.Count} {(names.Count == 1 ? one : many)} left out: {ListOf([.. names.Order(StringComparer.Ordinal)])}";

        private ImageFolderFile? Describe(ref FileSystemEntry entry, string folder, string prefix, int label, ImagePart part)
        {
            if (entry.IsDirectory) return FileNames.IsSystemFolder(entry.FileName) ? null : throw FolderInClass(entry.ToFullPath());
            if (FileNames.IsSystemFile(entry.FileName)) return null;
            string name = entry.FileName.ToString();
            if (FileNames.IsUnreadable(folder, name))
            {
                string fault = $"the name of '{prefix}{name}' is not UTF-8: rename it.";
                var finding = new ImageFinding("", 0, 0, ImageFlags.None, ImageFault.Unreadable, fault, 0, 0);
                _unnameable.Add(new InspectedImage(prefix + name, label, null, finding));
                return null;
            }
            if (FileNames.IsNoImage(name)) return Without(_others, prefix + name);
            // A link's own size and time say nothing about the image behind it.
            bool link = entry.Attributes.HasFlag(FileAttributes.ReparsePoint);
            FileSystemInfo? target = link ? new FileInfo(entry.ToFullPath()).ResolveLinkTarget(returnFinalTarget: true) : null;
            (long size, long modified) = target is FileInfo { Exists: true } file
                ? (file.Length, file.LastWriteTimeUtc.Ticks)
                : (entry.Length, entry.LastWriteTimeUtc.UtcTicks);
            return size == 0 && FileStatus.SpecialKind(entry.ToFullPath()) is { } kind
                ? Without(_special, $"{prefix}{name} ({kind})")
                : new ImageFolderFile(prefix + name, size, modified, label, part);
        }

        private static ImageFolderFile? Without(List<string> list, string path)
        {
            list.Add(path);
            return null;
        }

        private static BadDataException FolderInClass(string folder) => new(
            $"'{folder}' is a folder within a class; expected image files only ({FolderLayout.ExpectedShape}). "
            + "Move its images up, or remove it.");
    }
}
