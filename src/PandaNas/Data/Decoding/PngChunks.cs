using System.Buffers.Binary;

namespace PandaNas.Data.Decoding;

/// <summary>Walks through the chunks of a PNG file (ISO/IEC 15948).</summary>
internal static class PngChunks
{
    private const int SignatureBytes = 8, FrameBytes = 12;

    /// <summary>Reads channels, bits, profile, orientation and animation; of a damaged file as much as can be told.</summary>
    public static EncodedFacts Read(ReadOnlySpan<byte> file)
    {
        var facts = new EncodedFacts { DataEnd = file.Length };
        for (int at = SignatureBytes; at <= file.Length - FrameBytes;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            if (length > file.Length - at - FrameBytes) break;
            facts = Add(facts, file.Slice(at + 4, 4), file.Slice(at + 8, (int)length));
            at += (int)length + FrameBytes;
        }
        return facts;
    }

    private static EncodedFacts Add(EncodedFacts facts, ReadOnlySpan<byte> type, ReadOnlySpan<byte> content)
    {
        if (type.SequenceEqual("IHDR"u8) && content.Length >= 10)
        {
            // Colour types 0 and 4 are grey, without and with transparency.
            ImageFlags flags = (content[8] == 16 ? ImageFlags.SixteenBit : 0) | (content[9] is 0 or 4 ? ImageFlags.Grey : 0);
            return facts with { Flags = facts.Flags | flags };
        }
        if (type.SequenceEqual("iCCP"u8)) return facts with { HasProfile = true };
        if (type.SequenceEqual("acTL"u8)) return facts with { Flags = facts.Flags | ImageFlags.Animated };
        return type.SequenceEqual("eXIf"u8) ? facts with { Origin = EncodedFacts.OriginOf(content) } : facts;
    }
}
