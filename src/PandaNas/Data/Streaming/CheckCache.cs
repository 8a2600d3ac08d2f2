using System.Globalization;
using System.Text.Json;
using PandaNas.Runtime;

namespace PandaNas.Data.Streaming;

/// <summary>Which files of an image folder are known to be good, kept as one JSON file in the cache folder.</summary>
/// <param name="cacheFolder">Where the cache is.</param>
/// <param name="listing">The folder as it is now.</param>
internal sealed class CheckCache(string cacheFolder, ImageFolderListing listing)
{
    private const int CurrentVersion = 1;
    private const int LargestHead = 1 << 16, LargestEntry = 1 << 13;

    private readonly string _path = CacheFile.PathOf(cacheFolder, "checked", listing.Folder, ".json");

    private sealed record Entry(string Path, long Size, long Modified, int Width, int Height, string Digest);

    private sealed record Content(int Version, Entry[] Files);

    /// <summary>What is known of each file of the listing; null for those that are new or have changed.</summary>
    public CheckedFile?[] Read()
    {
        var found = new CheckedFile?[listing.Files.Length];
        if (TryRead() is not { } entries) return found;
        for (int number = 0; number < found.Length; number++)
        {
            ImageFolderFile file = listing.Files[number];
            if (entries.TryGetValue(file.RelativePath, out Entry? entry) && entry.Size == file.Size && entry.Modified == file.Modified)
                found[number] = Parse(entry);
        }
        return found;
    }

    /// <summary>Replaces the file.</summary>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    public void Write(CheckedFile?[] good)
    {
        var entries = new List<Entry>();
        for (int number = 0; number < good.Length; number++)
        {
            if (good[number] is not { } known) continue;
            ImageFolderFile file = listing.Files[number];
            string digest = known.Digest.ToString("x32", CultureInfo.InvariantCulture);
            entries.Add(new Entry(file.RelativePath, file.Size, file.Modified, known.Shape.Width, known.Shape.Height, digest));
        }
        CacheFile.Write(_path, stream => JsonSerializer.Serialize(stream, new Content(CurrentVersion, [.. entries])));
    }

    // Whatever is wrong with it: the files are then checked anew.
    private Dictionary<string, Entry>? TryRead()
    {
        try
        {
            using FileStream file = InputFile.Open(_path, new FileKind("a list of checked images", LargestHead + LargestEntry * (long)listing.Files.Length));
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

    private static CheckedFile? Parse(Entry entry) =>
        entry is { Width: > 0 and <= ImageShape.MaximumSide, Height: > 0 and <= ImageShape.MaximumSide, Digest.Length: 32 }
        && UInt128.TryParse(entry.Digest, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out UInt128 digest)
            ? new CheckedFile(new ImageShape(3, entry.Height, entry.Width), digest)
            : null;
}
