using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PandaNas.Data.Decoding;

/// <summary>Short digests of long data.</summary>
internal static class Digest
{
    /// <summary>The first 16 bytes of the SHA-256.</summary>
    public static UInt128 Of(ReadOnlySpan<byte> data)
    {
        Span<byte> whole = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(data, whole);
        return BinaryPrimitives.ReadUInt128BigEndian(whole);
    }
}
