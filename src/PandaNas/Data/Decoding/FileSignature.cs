using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;

namespace PandaNas.Data.Decoding;

/// <summary>What a file is by its first bytes, whatever its name says.</summary>
/// <param name="Name">As people call it: <c>JPEG</c>, <c>TIFF</c>; empty for none that is known.</param>
/// <param name="IsDecoded">Whether it is an image that can be decoded.</param>
internal readonly record struct FileSignature(string Name, bool IsDecoded)
{
    private static FileSignature Unknown => new("", false);

    private static readonly ImmutableArray<(string Name, bool IsDecoded, byte[] Start)> s_starts =
    [
        ("JPEG", true, [0xff, 0xd8, 0xff]),
        ("PNG", true, [0x89, (byte)'P', (byte)'N', (byte)'G', 0x0d, 0x0a, 0x1a, 0x0a]),
        ("GIF", true, "GIF8"u8.ToArray()),
        ("BMP", true, "BM"u8.ToArray()),
        ("icon", true, [0, 0, 1, 0]),
        ("TIFF", false, [(byte)'I', (byte)'I', 42, 0]),
        ("TIFF", false, [(byte)'M', (byte)'M', 0, 42]),
        ("TIFF", false, [(byte)'I', (byte)'I', 43, 0]),
        ("camera raw", false, "FUJIFILM"u8.ToArray()),
        ("camera raw", false, "IIU\0"u8.ToArray()),
        ("JPEG XL", false, [0xff, 0x0a]),
        ("JPEG XL", false, [0, 0, 0, 12, (byte)'J', (byte)'X', (byte)'L', (byte)' ']),
        ("JPEG 2000", false, [0, 0, 0, 12, (byte)'j', (byte)'P', (byte)' ', (byte)' ']),
        ("JPEG 2000", false, [0xff, 0x4f, 0xff, 0x51]),
        ("Photoshop", false, "8BPS"u8.ToArray()),
        ("GIMP", false, "gimp xcf"u8.ToArray()),
        ("OpenEXR", false, [0x76, 0x2f, 0x31, 0x01]),
        ("PDF", false, "%PDF"u8.ToArray()),
        ("PostScript", false, "%!PS"u8.ToArray()),
        ("Netpbm", false, "P4\n"u8.ToArray()),
        ("Netpbm", false, "P5\n"u8.ToArray()),
        ("Netpbm", false, "P6\n"u8.ToArray()),
        ("SVG", false, "<svg"u8.ToArray()),
        ("XML or HTML", false, "<?xml"u8.ToArray()),
        ("XML or HTML", false, "<!DOCTYPE"u8.ToArray()),
        ("XML or HTML", false, "<html"u8.ToArray()),
        ("ZIP", false, "PK\u0003\u0004"u8.ToArray()),
        ("gzip", false, [0x1f, 0x8b]),
        ("Matroska video", false, [0x1a, 0x45, 0xdf, 0xa3]),
    ];

    /// <summary>Recognizes a file.</summary>
    /// <param name="file">Its bytes, at least the first 16 where it has so many.</param>
    public static FileSignature Of(ReadOnlySpan<byte> file)
    {
        if (file.Length >= 12 && file.StartsWith("RIFF"u8))
            return file.Slice(8, 4).SequenceEqual("WEBP"u8) ? new("WebP", true) : new("RIFF", false);
        if (file.Length >= 12 && file.Slice(4, 4).SequenceEqual("ftyp"u8)) return new(OfBrand(file.Slice(8, 4)), false);
        // BM alone could begin a text: a bitmap gives its header's length, of which there are a few.
        if (file.StartsWith("BM"u8) && (file.Length < 18 || BinaryPrimitives.ReadUInt32LittleEndian(file[14..]) is < 12 or > 124))
            return Unknown;
        foreach ((string name, bool isDecoded, byte[] start) in s_starts)
            if (file.StartsWith(start)) return new(name, isDecoded);
        return Unknown;
    }

    // The box of ISO base media files, which are pictures or films.
    private static string OfBrand(ReadOnlySpan<byte> brand) => Encoding.Latin1.GetString(brand) switch
    {
        "avif" or "avis" => "AVIF",
        "heic" or "heix" or "hevc" or "hevx" or "heim" or "heis" or "mif1" or "msf1" => "HEIC",
        "crx " => "camera raw",
        _ => "MP4 video",
    };
}
