using System.Buffers.Binary;
using System.Security.Cryptography;
using PandaNas.Data.Batches;
using PandaNas.Data.Decoding;
using PandaNas.Data.Folders;
using PandaNas.Data.Resizing;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Caching;

/// <summary>
/// The cache file of one image folder. Layout: 8 bytes "PANDAIMG"; version and header length, 32-bit little-endian; SHA-256 of the
/// header; the header (<see cref="ImageCacheHeader"/>); zeros up to a multiple of 4,096; N×C×H×W pixel bytes in the order of the listing.
/// </summary>
internal sealed class ImageCache
{
    // 2: what a viewer shows; 1 knew neither orientation nor transparency.
    private const int Version = 2;
    private const int PrefixBytes = 16 + SHA256.HashSizeInBytes;
    private const int Alignment = 4096;
    // The pixels stay in the file, so that only the file system limits it.
    private static readonly FileKind Kind = new("a cache of decoded images", long.MaxValue);
    private readonly ImageFolderListing _listing;
    private readonly ImageFinding[] _findings;
    private readonly PicturePlan _plan;

    /// <summary>The decoded images of a folder.</summary>
    internal sealed record Content(ImageShape Shape, PixelStore Pixels);

    /// <summary>Chooses a folder's cache file, named by the folder's absolute path and by what is kept of its pictures.</summary>
    public ImageCache(string folder, ImageFolderListing listing, ImageFinding[] findings, PicturePlan plan)
    {
        _listing = listing;
        _findings = findings;
        _plan = plan;
        FilePath = CacheFile.PathOf(folder, "images", $"{listing.Folder}\n{plan.Identity}", ".cache");
    }

    /// <summary>The cache file.</summary>
    public string FilePath { get; }

    /// <summary>The given folder, or the user's own cache folder where none is given.</summary>
    /// <param name="given">The user's choice, if any.</param>
    /// <param name="xdg">The environment variable XDG_CACHE_HOME, if set.</param>
    public static string ChooseFolder(string? given, string? xdg)
    {
        if (given is not null) return Path.GetFullPath(given);
        // The XDG specification says that a relative path is to be ignored.
        // Not verified, because a fresh account does not have the folder yet.
        string parent = Path.IsPathFullyQualified(xdg ?? "")
            ? xdg!
            : Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify);
        return Path.Combine(parent.Length > 0 ? parent : Path.GetTempPath(), "pandanas");
    }

    /// <summary>Opens the cache if it is whole and fits the folder as it is now; otherwise null, and it must be built.</summary>
    public Content? TryOpen(CancellationToken cancel)
    {
        FileStream? file = null;
        try
        {
            file = InputFile.Open(FilePath, Kind);
            if (ReadHeader(file, LargestHeader()) is not var (header, pixelStart) || !header.Matches(_listing, _findings, _plan))
                return null;
            ImageShape shape = header.Shape;
            long length = (long)_listing.Files.Length * shape.Bytes;
            if (file.Length != pixelStart + length) return null;
            if (Convert.ToHexStringLower(HashRest(file, pixelStart, cancel)) != header.PixelsSha256) return null;
            var content = new Content(shape, new FilePixels(file, FilePath, pixelStart, length));
            file = null;
            return content;
        }
        catch (Exception error) when (error is BadDataException or IOException)
        {
            return null;
        }
        finally
        {
            file?.Dispose();
        }
    }

    /// <summary>Decodes the folder and writes the cache file, whole or not at all.</summary>
    /// <exception cref="BadDataException">An image can no longer be decoded or has another size.</exception>
    /// <exception cref="RunFailedException">The cache folder cannot be written.</exception>
    public void Build(int threads, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        CacheFile.Write(FilePath, stream => WriteContent(stream, threads, progress, cancel));
    }

    private void WriteContent(Stream stream, int threads, IProgress<RunProgress>? progress, CancellationToken cancel)
    {
        // The digest is known only at the end, so the header is written twice; its length stays.
        byte[] header = ImageCacheHeader.Of(_listing, _findings, _plan, new byte[SHA256.HashSizeInBytes]).ToJson();
        stream.Write(new byte[PixelStart(header.Length)]);
        byte[] digest = new ImageFolderDecoding(_listing, _findings, _plan).Write(stream, threads, progress, cancel);
        header = ImageCacheHeader.Of(_listing, _findings, _plan, digest).ToJson();

        byte[] prefix = new byte[PrefixBytes];
        "PANDAIMG"u8.CopyTo(prefix);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(8), Version);
        BinaryPrimitives.WriteInt32LittleEndian(prefix.AsSpan(12), header.Length);
        SHA256.HashData(header, prefix.AsSpan(16));
        stream.Position = 0;
        stream.Write(prefix);
        stream.Write(header);
    }

    private static (ImageCacheHeader Header, long PixelStart)? ReadHeader(FileStream file, int largest)
    {
        byte[] prefix = new byte[PrefixBytes];
        if (file.ReadAtLeast(prefix, PrefixBytes, throwOnEndOfStream: false) < PrefixBytes) return null;
        if (!prefix.AsSpan(0, 8).SequenceEqual("PANDAIMG"u8)) return null;
        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(12));
        int version = BinaryPrimitives.ReadInt32LittleEndian(prefix.AsSpan(8));
        if (version != Version || length < 1 || length > largest || length > file.Length - PrefixBytes) return null;
        byte[] json = new byte[length];
        file.ReadExactly(json);
        ImageCacheHeader? header = ImageCacheHeader.FromJson(json, prefix.AsSpan(16));
        return header is null ? null : (header, PixelStart(length));
    }

    // That of this folder, so that no memory is taken for what another file claims.
    private int LargestHeader() => ImageCacheHeader.Of(_listing, _findings, _plan, new byte[SHA256.HashSizeInBytes]).ToJson().Length;

    private static byte[] HashRest(FileStream file, long start, CancellationToken cancel)
    {
        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        file.Position = start;
        for (int got = file.Read(buffer); got > 0; got = file.Read(buffer))
        {
            cancel.ThrowIfCancellationRequested();
            hash.AppendData(buffer, 0, got);
        }
        return hash.GetHashAndReset();
    }

    private static long PixelStart(int headerLength) => (PrefixBytes + headerLength + Alignment - 1L) / Alignment * Alignment;
}
