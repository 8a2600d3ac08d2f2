namespace PandaNas.Data.Streaming;

/// <summary>What checking a file gave.</summary>
/// <param name="Shape">Its stored size.</param>
/// <param name="Digest">The first 16 bytes of its content's SHA-256.</param>
internal readonly record struct CheckedFile(ImageShape Shape, UInt128 Digest);
