using System.Security.Cryptography;
using System.Text.Json;

namespace PandaNas.Data;

/// <summary>What a cache file says about itself, as JSON; <see cref="Matches"/> decides whether it still fits the folder.</summary>
/// <param name="Folder">The absolute path of the image folder.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="TrainCount">How many of the files are for training.</param>
/// <param name="ClassNames">The classes.</param>
/// <param name="Paths">Each file's path from the folder.</param>
/// <param name="Sizes">Each file's bytes.</param>
/// <param name="Modified">Each file's modification time, UTC ticks.</param>
/// <param name="PixelsSha256">The digest of the pixel block, 64 hexadecimal digits.</param>
internal sealed record ImageCacheHeader(
    string Folder, int Channels, int Height, int Width, int TrainCount, string[] ClassNames, string[] Paths, long[] Sizes, long[] Modified,
    string PixelsSha256)
{
    /// <summary>The header of a folder's cache.</summary>
    public static ImageCacheHeader Of(ImageFolderListing listing, ImageShape shape, byte[] pixelsSha256) => new(
        listing.Folder, shape.Channels, shape.Height, shape.Width, listing.TrainCount, [.. listing.ClassNames],
        Array.ConvertAll(listing.Files, file => file.RelativePath),
        Array.ConvertAll(listing.Files, file => file.Size),
        Array.ConvertAll(listing.Files, file => file.Modified),
        Convert.ToHexStringLower(pixelsSha256));

    /// <summary>The shape of the images.</summary>
    public ImageShape Shape => new(Channels, Height, Width);

    /// <summary>Whether the folder is as it was when the cache was made.</summary>
    public bool Matches(ImageFolderListing listing)
    {
        // Sizes that no image has would overflow what is computed from them.
        if (Channels != 3 || Height is < 1 or > ImageShape.MaximumSide || Width is < 1 or > ImageShape.MaximumSide) return false;
        if (Folder != listing.Folder || TrainCount != listing.TrainCount || !listing.ClassNames.SequenceEqual(ClassNames)) return false;
        int count = listing.Files.Length;
        if (Paths.Length != count || Sizes.Length != count || Modified.Length != count) return false;
        for (int i = 0; i < count; i++)
        {
            ref readonly ImageFolderFile file = ref listing.Files[i];
            if (file.Size != Sizes[i] || file.Modified != Modified[i] || file.RelativePath != Paths[i]) return false;
        }
        return true;
    }

    /// <summary>The JSON in UTF-8; its length does not depend on the digest's value.</summary>
    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this);

    /// <summary>Reads the JSON back; null if it is not such a header.</summary>
    public static ImageCacheHeader? FromJson(ReadOnlySpan<byte> json, ReadOnlySpan<byte> sha256)
    {
        if (!sha256.SequenceEqual(SHA256.HashData(json))) return null;
        try
        {
            var header = JsonSerializer.Deserialize<ImageCacheHeader>(json);
            bool whole = header is
            {
                Folder: not null, ClassNames: not null, Paths: not null, Sizes: not null, Modified: not null, PixelsSha256: not null,
            };
            return whole ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
