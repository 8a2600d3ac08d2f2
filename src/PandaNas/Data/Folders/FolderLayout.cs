using System.Collections.Immutable;
using System.IO.Enumeration;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Folders;

/// <summary>Which folders of an image folder hold the classes of which part.</summary>
/// <param name="Root">The image folder's absolute path.</param>
/// <param name="Parts">The folders of the parts, in the order of <see cref="ImagePart"/>; one alone is still to be divided.</param>
/// <param name="Notes">What is said about it: one sentence each.</param>
internal sealed record FolderLayout(string Root, ImmutableArray<FolderLayout.Part> Parts, ImmutableArray<string> Notes)
{
    /// <summary>What an image folder looks like, for errors.</summary>
    public const string Expected = "an image folder: " + ExpectedShape;

    /// <summary>The places of the images in it, for errors.</summary>
    public const string ExpectedShape = "CLASS/*, or train/CLASS/* and test/CLASS/* (val too if you like)";

    private const string PerClass = "Put the images of each class into a folder of the class's name.";

    private const int MostNamed = 5;

    private static readonly (ImagePart Part, string[] Names)[] s_partNames =
    [
        (ImagePart.Training, ["train", "training"]),
        (ImagePart.Validation, ["val", "valid", "validation"]),
        (ImagePart.Test, ["test", "testing"]),
    ];

    /// <summary>One part: the folders in it are its classes.</summary>
    /// <param name="Kind">What its images are for.</param>
    /// <param name="Prefix">Its path from the root, with '/' at the end; empty for the root itself.</param>
    /// <param name="Classes">The names of the class folders, in ordinal order.</param>
    internal sealed record Part(ImagePart Kind, string Prefix, string[] Classes)
    {
        /// <summary>The path of its folder.</summary>
        public string FolderIn(string root) => Path.Combine(root, Prefix.TrimEnd('/'));

        /// <summary>The path of a class folder.</summary>
        public string PathOf(string root, string name) => Path.Combine(root, Prefix, name);
    }

    /// <summary>Whether training and test images are still to be told apart.</summary>
    public bool IsUndivided => Parts.Length == 1;

    /// <summary>Looks at the folders, not at the files in them.</summary>
    /// <param name="folder">The folder.</param>
    /// <param name="formatOf">Names the format whose files a folder holds, or null: people try the wrong <c>FORMAT:PATH</c>.</param>
    /// <exception cref="BadDataException">The folder is missing or cannot be read, or the parts have no classes or others.</exception>
    public static FolderLayout Of(string folder, Func<string, string?>? formatOf = null)
    {
        InputFile.RequireFolder(folder, Expected);
        string root = Path.TrimEndingDirectorySeparator(folder);
        string[] names = Folders(root);
        FolderLayout layout = PartFolders(root, names) is { } parts ? OfParts(root, names, parts) : OfClasses(root, names, formatOf);
        IEnumerable<string> folders = layout.Parts.Select(part => part.FolderIn(root)).Prepend(root).Distinct();
        layout = layout with { Notes = [.. layout.Notes, .. folders.Select(StrayFiles).OfType<string>()] };
        return layout.Parts[0] is { Classes: [var only] } part ? layout with { SingleClass = DescribeSingle(root, part, only) } : layout;
    }

    // Files beside class folders have no label; null without any.
    private static string? StrayFiles(string folder)
    {
        string[] files = Names(folder, (ref entry) => !entry.IsDirectory && !FileNames.IsSystemFile(entry.FileName));
        string what = files.Length == 1 ? "1 file beside the class folders" : $"{files.Length} files beside the class folders";
        return files.Length == 0 ? null : $"{what} in '{folder}' left out, without a label: {Quoted(files)}";
    }

    /// <summary>What a folder with one class looks like, from which nothing can be learnt; null with more classes.</summary>
    public string? SingleClass { get; private init; }

    /// <summary>The sub-folders of a folder by name, in ordinal order, without those of operating systems.</summary>
    /// <exception cref="BadDataException">The folder cannot be read, or a name in it is not UTF-8.</exception>
    public static string[] Folders(string folder)
    {
        string[] names = Names(folder, (ref entry) => entry.IsDirectory && !FileNames.IsSystemFolder(entry.FileName));
        foreach (string name in names)
            if (FileNames.IsUnreadable(folder, name))
                throw new BadDataException(
                    $"a folder in '{folder}' is called '{name}', which is not UTF-8: rename it "
                    + "(the replaced letters are those that cannot be read).");
        return names;
    }

    private static string[] Names(string folder, FileSystemEnumerable<string>.FindPredicate isWanted) =>
        InputFile.Guard(folder, Expected, () =>
            new FileSystemEnumerable<string>(folder, (ref entry) => entry.FileName.ToString(), Visible)
            {
                ShouldIncludePredicate = isWanted,
            }.Order(StringComparer.Ordinal).ToArray());

    /// <summary>What is enumerated: hidden files and folders are not.</summary>
    public static EnumerationOptions Visible { get; } = new() { AttributesToSkip = FileAttributes.Hidden, IgnoreInaccessible = false };

    /// <summary>The folder of the part that tests, or else ranks, or else trains, if classes are in it; null if there is none.</summary>
    /// <param name="root">The folder.</param>
    /// <param name="names">The folders in it.</param>
    /// <param name="classes">The names of classes.</param>
    public static string? PartOf(string root, string[] names, ImmutableArray<string> classes) =>
        Enumerable.Reverse(s_partNames)
            .SelectMany(part => names.Where(name => part.Names.Contains(name, StringComparer.OrdinalIgnoreCase)))
            .FirstOrDefault(name => Folders(Path.Combine(root, name)).Any(classes.Contains));

    // Null where the folder has classes side by side. A folder called "train" that holds images is a class of trains.
    private static List<(ImagePart Kind, string Name, string[] Classes)>? PartFolders(string root, string[] names)
    {
        var found = new List<(ImagePart, string, string[])>();
        foreach ((ImagePart kind, string[] possible) in s_partNames)
        {
            string[] matching = [.. names.Where(name => possible.Contains(name, StringComparer.OrdinalIgnoreCase))];
            if (matching.Length > 1)
                throw new BadDataException(
                    $"'{root}' has {Quoted(matching)}, which mean the same part; expected {Expected}. Join or rename them.");
            if (matching.Length == 1) found.Add((kind, matching[0], Folders(Path.Combine(root, matching[0]))));
        }
        return found.Any(part => part.Item3.Length > 0) || found.Count > 0 && found.Count == names.Length ? found : null;
    }

    private static FolderLayout OfParts(string root, string[] names, List<(ImagePart Kind, string Name, string[] Classes)> found)
    {
        var notes = new List<string>();
        string[] folders = [.. found.Select(part => part.Name)];
        string[] others = [.. names.Except(folders, StringComparer.Ordinal)];
        if (others.Length > 0) notes.Add($"{Quoted(others)} beside {Quoted(folders)} left out");
        foreach (var part in found.Where(part => part.Classes.Length == 0 && part.Kind != ImagePart.Training))
            notes.Add($"'{part.Name}' left out: it has no class folders, so its images have no labels");
        List<Part> parts =
            [.. found.Where(part => part.Classes.Length > 0).Select(part => new Part(part.Kind, part.Name + "/", part.Classes))];
        if (!found.Any(part => part.Kind == ImagePart.Training))
            throw new BadDataException(
                $"'{root}' has {Quoted(folders)} but no folder 'train'; expected {Expected}. Add the training images.");
        if (parts.Count == 0 || parts[0].Kind != ImagePart.Training)
            throw new BadDataException($"'{Path.Combine(root, folders[0])}' has no class folders; expected {Expected}. {PerClass}");
        // Without test images those for validation take their place, as on ImageNet.
        if (parts is [_, { Kind: ImagePart.Validation } only]) parts[1] = only with { Kind = ImagePart.Test };
        CompareClasses(root, parts);
        return new FolderLayout(root, [.. parts], [.. notes]);
    }

    private static FolderLayout OfClasses(string root, string[] names, Func<string, string?>? formatOf) => names.Length > 0
        ? new FolderLayout(root, [new Part(ImagePart.Training, "", names)], [])
        : throw new BadDataException($"'{root}' has no class folders; expected {Expected}. {Hint(root, formatOf)}{PerClass}");

    private static void CompareClasses(string root, List<Part> parts)
    {
        string train = parts[0].FolderIn(root);
        foreach (Part part in parts.Skip(1))
        {
            string other = part.FolderIn(root);
            Compare(train, parts[0].Classes, other, part.Classes);
            Compare(other, part.Classes, train, parts[0].Classes);
        }
    }

    private static void Compare(string folder, string[] classes, string other, string[] otherClasses)
    {
        string[] missing = [.. classes.Except(otherClasses, StringComparer.Ordinal)];
        if (missing.Length == 0) return;
        string what = missing.Length == 1 ? $"the class {Quoted(missing)} is" : $"the classes {Quoted(missing)} are";
        throw new BadDataException(
            $"{what} in '{folder}' but not in '{other}'; expected the same classes in all parts. Add what is missing, or remove it.");
    }

    private static string DescribeSingle(string root, Part part, string name)
    {
        string only = part.PathOf(root, name);
        string looks = $"'{part.FolderIn(root)}' has a single folder, '{name}', so there is only one class and nothing to learn; "
            + $"expected {Expected}.";
        string[] inner = Folders(only);
        if (inner.Length > 0)
            throw new BadDataException($"{looks} If the classes are the folders in it ({Quoted(inner)}), name that folder: images:{only}");
        return $"{looks} {PerClass}";
    }

    private static string Hint(string root, Func<string, string?>? formatOf) => formatOf?.Invoke(root) is { } format && format != "images"
        ? $"Its files look like those of {format}: try {format}:{root}. "
        : "";

    private static string Quoted(string[] names) =>
        string.Join(", ", names.Take(MostNamed).Select(name => $"'{name}'"))
            + (names.Length > MostNamed ? $" and {names.Length - MostNamed} more" : "");
}
