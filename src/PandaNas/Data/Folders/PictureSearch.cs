using System.Collections.Immutable;
using System.IO.Enumeration;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Folders;

/// <summary>A picture in a folder.</summary>
/// <param name="Path">The file.</param>
/// <param name="Name">The file from the folder, with '/' between names.</param>
/// <param name="Label">The class that its folder says; null for none.</param>
internal readonly record struct FoundPicture(string Path, string Name, int? Label);

/// <summary>
/// The pictures of a folder that a model is to classify, at any depth. Folders that are called as its classes say what their pictures
/// are; of a folder with parts those that test are taken.
/// </summary>
/// <param name="Pictures">The pictures, sorted by name.</param>
/// <param name="Unnameable">Files whose names are not UTF-8, so that they cannot be opened.</param>
/// <param name="Notes">What is to be said about it: one sentence each.</param>
internal sealed record PictureSearch(
    ImmutableArray<FoundPicture> Pictures, ImmutableArray<string> Unnameable, ImmutableArray<string> Notes)
{
    private const string Expected = "a folder of JPEG, PNG, WebP, GIF or BMP images";

    /// <summary>Whether some of the pictures have a class.</summary>
    public bool IsLabelled => Pictures.Any(picture => picture.Label is not null);

    /// <summary>Looks for pictures, without opening them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="classes">The classes of the model.</param>
    /// <param name="cancel">Stops it.</param>
    /// <exception cref="BadDataException">The folder is missing, cannot be read or has no images.</exception>
    public static PictureSearch In(string folder, ImmutableArray<string> classes, CancellationToken cancel)
    {
        InputFile.RequireFolder(folder, Expected);
        string root = Path.TrimEndingDirectorySeparator(folder);
        string[] names = FolderLayout.Folders(root);
        var notes = new List<string>();
        if (FolderLayout.PartOf(root, names, classes) is { } part)
        {
            notes.Add($"The pictures are those in '{part}'");
            root = Path.Combine(root, part);
            names = FolderLayout.Folders(root);
        }
        bool isLabelled = names.Any(classes.Contains);
        var walk = new Walk(root);
        walk.Add("", null, recurse: false);
        foreach (string name in names)
        {
            cancel.ThrowIfCancellationRequested();
            int before = walk.Pictures.Count, label = classes.IndexOf(name);
            walk.Add(name, label < 0 ? null : label, recurse: true);
            int found = walk.Pictures.Count - before;
            if (isLabelled && label < 0 && found > 0)
                notes.Add(
                    $"'{name}' is no class of the model: {(found == 1 ? "its picture counts" : $"its {found} pictures count")} "
                    + "in no accuracy");
        }
        if (names.Length > 0 && !isLabelled)
            notes.Add(
                $"No folder is called as a class of the model ({ImageFolderListing.ListOf(classes)}), so no accuracy is measured");
        if (walk.Others.Count > 0)
            notes.Add(
                (walk.Others.Count == 1 ? "1 file that is no image is" : $"{walk.Others.Count} files that are no images are")
                + " left out: "
                + ImageFolderListing.ListOf([.. walk.Others.Order(StringComparer.Ordinal)]));
        if (walk.Pictures.Count + walk.Unnameable.Count == 0)
            throw new BadDataException($"'{folder}' has no images; expected {Expected}. Check the path.");
        return new PictureSearch(
            [.. walk.Pictures.OrderBy(picture => picture.Name, StringComparer.Ordinal)],
            [.. walk.Unnameable.Order(StringComparer.Ordinal)], [.. notes]);
    }

    /// <summary>Collects what folders hold.</summary>
    private sealed class Walk(string root)
    {
        private static readonly EnumerationOptions s_deep =
            new() { AttributesToSkip = FolderLayout.Visible.AttributesToSkip, IgnoreInaccessible = false, RecurseSubdirectories = true };

        public List<FoundPicture> Pictures { get; } = [];

        public List<string> Others { get; } = [];

        public List<string> Unnameable { get; } = [];

        public void Add(string name, int? label, bool recurse)
        {
            string folder = Path.Combine(root, name);
            // Links below could lead round in a circle.
            var files = new FileSystemEnumerable<(string Folder, string Name)>(
                folder, (ref entry) => (entry.Directory.ToString(), entry.FileName.ToString()), recurse ? s_deep : FolderLayout.Visible)
            {
                ShouldIncludePredicate = (ref entry) => !entry.IsDirectory && !FileNames.IsSystemFile(entry.FileName),
                ShouldRecursePredicate = (ref entry) =>
                    !FileNames.IsSystemFolder(entry.FileName) && !entry.Attributes.HasFlag(FileAttributes.ReparsePoint),
            };
            foreach ((string where, string file) in InputFile.Guard(folder, Expected, files.ToArray))
            {
                string path = Path.Combine(where, file), shown = Path.GetRelativePath(root, path).Replace('\\', '/');
                if (FileNames.IsUnreadable(where, file)) Unnameable.Add(shown);
                else if (FileNames.IsNoImage(file)) Others.Add(shown);
                else Pictures.Add(new FoundPicture(path, shown, label));
            }
        }
    }
}
