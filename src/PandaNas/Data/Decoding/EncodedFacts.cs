using System.Buffers.Binary;
using SkiaSharp;

namespace PandaNas.Data.Decoding;

/// <summary>What a file's markers or chunks say beside what the codec tells.</summary>
internal readonly record struct EncodedFacts()
{
    /// <summary>How the stored pixels are turned; null leaves it to the codec.</summary>
    public SKEncodedOrigin? Origin { get; init; }

    /// <summary>Whether it has one channel, 16 bits per channel or the four channels of a printer.</summary>
    public ImageFlags Flags { get; init; }

    /// <summary>Whether a colour profile is embedded. Bare gamma values of PNG files, which most viewers ignore, do not count.</summary>
    public bool HasProfile { get; init; }

    /// <summary>JPEG: where the pixels' data end: at the end marker or, where it is missing, at the end of the file.</summary>
    public int DataEnd { get; init; }

    /// <summary>JPEG: whether the end marker is missing.</summary>
    public bool LacksEnd { get; init; }

    /// <summary>JPEG: whether every coefficient has its last bit, as far as the scans' headers tell.</summary>
    public bool HasAllScans { get; init; } = true;

    /// <summary>Looks through a file.</summary>
    /// <param name="format">As <see cref="FileSignature"/> names it.</param>
    /// <param name="file">All of it.</param>
    public static EncodedFacts Of(string format, ReadOnlySpan<byte> file) => format switch
    {
        "JPEG" => JpegMarkers.Read(file),
        "PNG" => PngChunks.Read(file),
        "WebP" => OfWebp(file),
        _ => new EncodedFacts { DataEnd = file.Length },
    };

    // The flags of the extended header; the simple kinds have none.
    private static EncodedFacts OfWebp(ReadOnlySpan<byte> file)
    {
        bool isExtended = file.Length > 20 && file.Slice(12, 4).SequenceEqual("VP8X"u8);
        return new EncodedFacts { DataEnd = file.Length, HasProfile = isExtended && (file[20] & 0x20) != 0 };
    }

    /// <summary>The orientation that a block of EXIF data gives: tag 0x0112 of its first directory.</summary>
    /// <param name="exif">From the byte order on.</param>
    public static SKEncodedOrigin? OriginOf(ReadOnlySpan<byte> exif)
    {
        if (exif.Length < 8) return null;
        bool little = exif[0] == 'I';
        uint start = Read32(exif[4..], little);
        if (start > exif.Length - 2) return null;
        ReadOnlySpan<byte> directory = exif[(int)start..];
        int entries = Read16(directory, little);
        for (int i = 0; i < entries && 14 + 12 * i <= directory.Length; i++)
        {
            ReadOnlySpan<byte> entry = directory.Slice(2 + 12 * i, 12);
            if (Read16(entry, little) != 0x0112) continue;
            int value = Read16(entry[8..], little);
            return value is >= 1 and <= 8 ? (SKEncodedOrigin)value : null;
        }
        return null;
    }

    private static int Read16(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : BinaryPrimitives.ReadUInt16BigEndian(bytes);

    private static uint Read32(ReadOnlySpan<byte> bytes, bool little) =>
        little ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : BinaryPrimitives.ReadUInt32BigEndian(bytes);
}
