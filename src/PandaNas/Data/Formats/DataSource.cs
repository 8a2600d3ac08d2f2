using System.Collections.Immutable;

namespace PandaNas.Data.Formats;

/// <summary>
/// Where images come from, written <c>FORMAT:PATH</c>, for example <c>cifar10:/data/cifar-10-batches-bin</c>; a folder alone is taken for
/// what its files look like.
/// </summary>
/// <param name="Format">The name of an <see cref="ImageFormat"/>.</param>
/// <param name="Path">The folder; null for a format that is built in.</param>
internal sealed record DataSource(string Format, string? Path)
{
    /// <summary>Reads <c>FORMAT:PATH</c>, <c>FORMAT</c> alone if it is built in, or a folder alone; <c>~</c> is the user's own.</summary>
    /// <param name="text">The text.</param>
    /// <param name="formats">The formats that there are; those that are built in unless given.</param>
    /// <exception cref="BadOptionException">
    /// The format is unknown (the message names the nearest one), or the path is missing or not wanted.
    /// </exception>
    public static DataSource Parse(string text, ImmutableArray<ImageFormat> formats = default)
    {
        if (formats.IsDefault) formats = ImageFormat.BuiltIn;
        ArgumentNullException.ThrowIfNull(text);
        // Only the first colon divides: a Windows path has its own.
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        string name = colon < 0 ? text : text[..colon];
        string path = colon < 0 ? "" : text[(colon + 1)..];
        if (IsPath(text, name, formats)) return OfFolder(Home(text));
        string more = colon >= 0 || name.Length == 0
            ? ""
            : $"there is no folder of that name in '{Directory.GetCurrentDirectory()}' either";
        ImageFormat format = ImageFormat.Find(formats, name, more);
        if (!format.HasPath && path.Length > 0)
            throw new BadOptionException($"the data '{text}': {name} is built in and takes no path; write just '{name}'");
        if (format.HasPath && string.IsNullOrWhiteSpace(path))
            throw new BadOptionException($"the data '{text}' names no folder; write '{name}:PATH'");
        if (path.Contains('\0', StringComparison.Ordinal))
            throw new BadOptionException($"the path of the data '{name}' has a null character; write '{name}:PATH'");
        return new DataSource(name, format.HasPath ? Home(path) : null);
    }

    /// <summary>The same with a path that does not depend on where the process stands, so that it can be stored.</summary>
    public DataSource Absolute() => Path is null ? this : this with { Path = System.IO.Path.GetFullPath(Path) };

    /// <summary>The format whose files a folder holds; null if it has neither them nor any folder.</summary>
    internal static string? FormatOf(string folder)
    {
        if (!Directory.Exists(folder)) return null;
        foreach (CifarLayout layout in (CifarLayout[])[CifarLayout.Cifar10, CifarLayout.Cifar100])
            if (CifarReader.IsAt(layout, folder)) return layout.Name;
        if (IdxReader.IsAt(folder)) return "idx";
        return Directory.EnumerateDirectories(folder).Any() ? "images" : null;
    }

    // Separators, a home, a drive's letter, or a folder of that name that is no format's.
    private static bool IsPath(string text, string name, ImmutableArray<ImageFormat> formats)
    {
        if (text.Contains('\0', StringComparison.Ordinal) || formats.Any(format => format.Name == name)) return false;
        if (name.Length == 1 && char.IsAsciiLetter(name[0]) && text.Length > 2 && text[2] is '\\' or '/')
            return OperatingSystem.IsWindows();
        return name.StartsWith('~') || name.AsSpan().IndexOfAny('/', '\\') >= 0
            || name is "." or ".." || text.Length > 0 && Directory.Exists(text);
    }

    private static DataSource OfFolder(string path) => new(FormatOf(path) ?? "images", path);

    private static string Home(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) || path.StartsWith("~\\", StringComparison.Ordinal)
        ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..]
        : path;

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => Path is null ? Format : $"{Format}:{Path}";
}
