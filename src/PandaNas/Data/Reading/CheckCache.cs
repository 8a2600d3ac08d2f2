using System.Globalization;
using System.Text.Json;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Reading;

/// <summary>Which files of an image folder are known to be good, kept as one JSON file in the cache folder.</summary>
/// <param name="cacheFolder">Where the cache is.</param>
/// <param name="listing">The folder as it is now.</param>
internal sealed class CheckCache(string cacheFolder, ImageFolderListing listing)
{
    // 2: what decoding shows; 1 knew neither orientation nor format.
    private const int CurrentVersion = 2;
    private const int LargestHead = 1 << 16, LargestEntry = 1 << 13;

    private readonly string _path = CacheFile.PathOf(cacheFolder, "checked", listing.Folder, ".json");
    private readonly ulong[] _inodes = new ulong[listing.Files.Length];

    private sealed record Entry(
        string Path, long Size, long Modified, ulong Inode, string Format, int Width, int Height, int Flags, string Digest, string Pixels);

    private sealed record Content(int Version, Entry[] Files);

    /// <summary>What is known of each file of the listing; null for those that are new or have changed.</summary>
    public ImageFinding?[] Read()
    {
        var found = new ImageFinding?[listing.Files.Length];
        Dictionary<string, Entry>? entries = TryRead();
        for (int number = 0; number < found.Length; number++)
        {
            ImageFolderFile file = listing.Files[number];
            _inodes[number] = FileStatus.Inode(listing.FullPath(file));
            if (entries?.GetValueOrDefault(file.RelativePath) is { } entry
                && (entry.Size, entry.Modified, entry.Inode) == (file.Size, file.Modified, _inodes[number])) found[number] = Parse(entry);
        }
        return found;
    }

    /// <summary>Replaces the file by what is known of usable files; others are looked at again, as they may have been repaired.</summary>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    public void Write(ImageFinding?[] findings)
    {
        var entries = new List<Entry>();
        for (int number = 0; number < findings.Length; number++)
        {
            if (findings[number] is not { IsUsable: true } known) continue;
            ImageFolderFile file = listing.Files[number];
            entries.Add(new Entry(
                file.RelativePath, file.Size, file.Modified, _inodes[number], known.Format, known.Width, known.Height, (int)known.Flags,
                Text(known.ContentDigest), Text(known.PixelDigest)));
        }
        CacheFile.Write(_path, stream => JsonSerializer.Serialize(stream, new Content(CurrentVersion, [.. entries])));
    }

    // Whatever is wrong with it: the files are then checked anew.
    private Dictionary<string, Entry>? TryRead()
    {
        try
        {
            long largest = LargestHead + LargestEntry * (long)listing.Files.Length;
            using FileStream file = InputFile.Open(_path, new FileKind("a list of checked images", largest));
            Content? content = JsonSerializer.Deserialize<Content>(file);
            if (content is not { Version: CurrentVersion, Files: not null } || content.Files.Any(entry => entry?.Path is null)) return null;
            var entries = new Dictionary<string, Entry>(content.Files.Length, StringComparer.Ordinal);
            foreach (Entry entry in content.Files) entries[entry.Path] = entry;
            return entries;
        }
        catch (Exception error) when (error is BadDataException or IOException or JsonException)
        {
            return null;
        }
    }

    private static ImageFinding? Parse(Entry entry) =>
        entry is { Width: > 0, Height: > 0, Format: not null } && (long)entry.Width * entry.Height < Decoding.EncodedImage.TooManyPixels
        && ParseDigest(entry.Digest) is { } digest && ParseDigest(entry.Pixels) is { } pixels
            ? new ImageFinding(entry.Format, entry.Width, entry.Height, (ImageFlags)entry.Flags, ImageFault.None, null, digest, pixels)
            : null;

    private static string Text(UInt128 digest) => digest.ToString("x32", CultureInfo.InvariantCulture);

    private static UInt128? ParseDigest(string? text) =>
        text is { Length: 32 } && UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 digest)
            ? digest
            : null;
}
