using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Resizing;

namespace PandaNas.Data.Caching;

/// <summary>What a cache file says about itself, as JSON; <see cref="Matches"/> decides whether it still fits the folder.</summary>
/// <param name="Folder">The absolute path of the image folder.</param>
/// <param name="Channels">C.</param>
/// <param name="Height">H.</param>
/// <param name="Width">W.</param>
/// <param name="ClassNames">The classes.</param>
/// <param name="Paths">Each file's path from the folder.</param>
/// <param name="Sizes">Each file's bytes.</param>
/// <param name="Modified">Each file's modification time, UTC ticks.</param>
/// <param name="Prepared">What was kept of the pictures, as <see cref="PicturePlan.Identity"/> says.</param>
/// <param name="ContentsSha256">The digest of all files' content, 64 hexadecimal digits.</param>
/// <param name="PixelsSha256">The digest of the pixel block, 64 hexadecimal digits.</param>
internal sealed record ImageCacheHeader(
    string Folder, int Channels, int Height, int Width, string[] ClassNames, string[] Paths, long[] Sizes, long[] Modified,
    string Prepared, string ContentsSha256, string PixelsSha256)
{
    /// <summary>The header of a folder's cache.</summary>
    public static ImageCacheHeader Of(ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan, byte[] pixelsSha256) => new(
        listing.Folder, plan.Shape.Channels, plan.Shape.Height, plan.Shape.Width, [.. listing.ClassNames],
        Array.ConvertAll(listing.Files, file => file.RelativePath),
        Array.ConvertAll(listing.Files, file => file.Size),
        Array.ConvertAll(listing.Files, file => file.Modified),
        plan.Identity, ContentsOf(findings), Convert.ToHexStringLower(pixelsSha256));

    /// <summary>The shape of the images.</summary>
    public ImageShape Shape => new(Channels, Height, Width);

    /// <summary>Whether the folder is as it was when the cache was made.</summary>
    public bool Matches(ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan)
    {
        if (Prepared != plan.Identity || Shape != plan.Shape || ContentsSha256 != ContentsOf(findings)) return false;
        if (Folder != listing.Folder || !listing.ClassNames.SequenceEqual(ClassNames)) return false;
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
                Folder: not null, ClassNames: not null, Paths: not null, Sizes: not null, Modified: not null,
                Prepared: not null, ContentsSha256: not null, PixelsSha256: not null,
            };
            return whole ? header : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string ContentsOf(ImageFinding[] findings)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> digest = stackalloc byte[16];
        foreach (ImageFinding finding in findings)
        {
            BinaryPrimitives.WriteUInt128BigEndian(digest, finding.ContentDigest);
            hash.AppendData(digest);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
