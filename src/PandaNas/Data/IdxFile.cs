using System.Buffers.Binary;
using System.IO.Compression;

namespace PandaNas.Data;

/// <summary>
/// One IDX file of bytes (LeCun's format), plain or gzip: 0, 0, 8, the number of dimensions, big-endian sizes, the bytes.
/// </summary>
/// <param name="Name">What errors call it: its path.</param>
/// <param name="Open">Opens it; the stream must be seekable.</param>
internal sealed record IdxFile(string Name, Func<Stream> Open)
{
    // Deflate cannot pack a byte into less than this share of one, so a header that claims more than the file can hold is a lie.
    private const long GzipLimit = 1032;

    // All of the MNIST family's files fit in this, so that nothing is copied for them.
    private const int FirstBytes = 1 << 26;

    /// <summary>Reads the whole file.</summary>
    /// <param name="dimensions">Dimensions it must have: 3 for images, 1 for labels.</param>
    /// <returns>The sizes, outermost first, and as many bytes as their product.</returns>
    /// <exception cref="BadDataException">The file is damaged, or has other dimensions.</exception>
    public (int[] Sizes, byte[] Bytes) Read(int dimensions) => InputFile.Guard(Name, "an IDX file", () =>
    {
        using Stream file = Open();
        bool zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        long limit = zipped ? file.Length * GzipLimit : file.Length;
        try
        {
            using Stream content = zipped ? new GZipStream(file, CompressionMode.Decompress) : file;
            return ReadContent(content, dimensions, limit, zipped);
        }
        catch (InvalidDataException error)
        {
            throw new BadDataException($"'{Name}' is a damaged gzip file: {error.Message.TrimEnd('.')}. Download it again.", error);
        }
    });

    private (int[] Sizes, byte[] Bytes) ReadContent(Stream content, int dimensions, long limit, bool zipped)
    {
        byte[] header = new byte[4 + 4 * dimensions];
        if (content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            throw new BadDataException($"'{Name}' ends within its header of {header.Length} bytes: it is truncated. Download it again.");
        int[] sizes = ReadSizes(header, dimensions);
        long length = sizes.Aggregate(1L, (product, size) => product * size);

        string claim = $"its header says {string.Join("x", sizes)}, {length} bytes after the header";
        if (length > limit - (zipped ? 0 : header.Length))
            throw new BadDataException($"'{Name}' is too short: {claim}. It is truncated or damaged: download it again.");
        if (length > Array.MaxLength)
            throw new BadDataException($"'{Name}' is too large: {claim}; at most 2 GB can be read.");

        byte[] bytes = ReadAtMost(content, (int)length);
        if (bytes.Length < length)
            throw new BadDataException($"'{Name}' is truncated: {claim}, but only {bytes.Length} are there. Download it again.");
        if (content.ReadByte() >= 0) throw new BadDataException($"'{Name}' is too long: {claim}, but more are there. Download it again.");
        return (sizes, bytes);
    }

    // Grows with what really comes, because a damaged header may ask for a thousand times the gzip file's length.
    private static byte[] ReadAtMost(Stream content, int length)
    {
        byte[] bytes = GC.AllocateUninitializedArray<byte>(Math.Min(length, FirstBytes));
        int got = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        while (got == bytes.Length && got < length)
        {
            Array.Resize(ref bytes, (int)Math.Min(length, 2L * bytes.Length));
            got += content.ReadAtLeast(bytes.AsSpan(got), bytes.Length - got, throwOnEndOfStream: false);
        }
        if (got < bytes.Length) Array.Resize(ref bytes, got);
        return bytes;
    }

    private int[] ReadSizes(ReadOnlySpan<byte> header, int dimensions)
    {
        uint magic = BinaryPrimitives.ReadUInt32BigEndian(header), expected = 0x0800u | (uint)dimensions;
        if (magic != expected)
            throw new BadDataException(
                $"'{Name}' starts with 0x{magic:x8}; expected 0x{expected:x8}, an IDX file of bytes with {dimensions} dimension(s). "
                + "Check that the files are not interchanged, or download it again.");
        int[] sizes = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            uint size = BinaryPrimitives.ReadUInt32BigEndian(header[(4 + 4 * i)..]);
            // The first size counts examples; the others are the sides of an image.
            long most = i == 0 ? int.MaxValue : ImageShape.MaximumSide;
            if (size < 1 || size > most)
                throw new BadDataException(
                    $"'{Name}', byte {4 + 4 * i}: size {i} is {size}; expected 1 to {most}. The file is damaged: download it again.");
            sizes[i] = (int)size;
        }
        return sizes;
    }
}
