using System.Collections.Frozen;

namespace PandaNas.Data.Folders;

/// <summary>What a file's name says before the file is opened.</summary>
internal static class FileNames
{
    private const char Replacement = '\uFFFD';

    // What operating systems and programs for looking at photos leave behind without their users' knowing.
    private static readonly FrozenSet<string> s_system =
        Set("Thumbs.db", "ehthumbs.db", "ehthumbs_vista.db", "desktop.ini", ".DS_Store", "Picasa.ini", "ZbThumbnail.info", "Icon\r");

    private static readonly FrozenSet<string> s_systemFolders =
        Set("__MACOSX", "@eaDir", "$RECYCLE.BIN", "System Volume Information", "lost+found");

    // Files that nobody takes for an image; anything else is judged by its content.
    private static readonly FrozenSet<string> s_noImages = Set(
        ".txt", ".md", ".csv", ".tsv", ".json", ".jsonl", ".xml", ".yaml", ".yml", ".html", ".htm", ".css", ".js", ".py", ".ipynb", ".sh",
        ".bat", ".log", ".ini", ".cfg", ".db", ".url", ".lnk", ".pdf", ".doc", ".docx", ".odt", ".rtf", ".xls", ".xlsx", ".ods", ".ppt",
        ".pptx", ".zip", ".gz", ".tar", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".3gp",
        ".mpg", ".mpeg", ".wav", ".mp3", ".m4a", ".flac", ".ogg", ".npy", ".npz", ".pt", ".pth", ".pkl", ".h5", ".parquet",
        ".safetensors", ".onnx", ".mat", ".aae", ".xmp", ".bak", ".tmp", ".part", ".crdownload", ".download");

    /// <summary>Whether it is a file of the operating system, which nobody wants to hear about.</summary>
    public static bool IsSystemFile(ReadOnlySpan<char> name) =>
        name.StartsWith("._", StringComparison.Ordinal) || s_system.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);

    /// <summary>Whether it is a folder of the operating system.</summary>
    public static bool IsSystemFolder(ReadOnlySpan<char> name) => s_systemFolders.GetAlternateLookup<ReadOnlySpan<char>>().Contains(name);

    /// <summary>Whether the name says that it is something else than an image.</summary>
    public static bool IsNoImage(ReadOnlySpan<char> name) =>
        s_noImages.GetAlternateLookup<ReadOnlySpan<char>>().Contains(Path.GetExtension(name));

    /// <summary>Whether a file that was enumerated cannot be opened by its name: its bytes are not UTF-8 and were replaced.</summary>
    public static bool IsUnreadable(string folder, string name) => name.Contains(Replacement) && !Path.Exists(Path.Combine(folder, name));

    private static FrozenSet<string> Set(params IEnumerable<string> names) => names.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
}
