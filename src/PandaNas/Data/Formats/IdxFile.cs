using System.Buffers.Binary;
using System.IO.Compression;
using PandaNas.Data.Resizing;
using PandaNas.Runtime.Files;

namespace PandaNas.Data.Formats;

/// <summary>One IDX file of bytes (LeCun's format), plain or gzip: 0, 0, 8, how many dimensions, big-endian sizes, the bytes.</summary>
/// <param name="Name">What errors call it: its path.</param>
/// <param name="Open">Opens it; the stream must be seekable. It is opened twice where it is large and zipped.</param>
internal sealed record IdxFile(string Name, Func<Stream> Open)
{
    /// <summary>The most bytes, unpacked or not: the largest of the MNIST family, EMNIST by class, has 548 million.</summary>
    public const int LargestBytes = 600_000_000;

    // Deflate cannot pack a byte into less than this share of one, so a header that claims more than the file can hold is a lie.
    private const long GzipLimit = 1032;

    // MNIST's own files are within this. Larger zipped ones are counted before memory is taken for what their headers claim.
    private const int UncountedBytes = 1 << 26;

    /// <summary>Reads the whole file.</summary>
    /// <param name="dimensions">Dimensions it must have: 3 for images, 1 for labels.</param>
    /// <returns>The sizes, outermost first, and as many bytes as their product.</returns>
    /// <exception cref="BadDataException">The file is damaged, or has other dimensions.</exception>
    public (int[] Sizes, byte[] Bytes) Read(int dimensions) => InputFile.Guard(Name, "an IDX file", () =>
    {
        try
        {
            using Stream content = OpenContent(out long limit, out bool zipped);
            return ReadContent(content, dimensions, limit, zipped);
        }
        catch (InvalidDataException error)
        {
            throw new BadDataException($"'{Name}' is a damaged gzip file: {error.Message.TrimEnd('.')}. Download it again.", error);
        }
    });

    private Stream OpenContent(out long limit, out bool zipped)
    {
        Stream file = Open();
        zipped = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
        file.Position = 0;
        limit = zipped ? file.Length * GzipLimit : file.Length;
        return zipped ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    private (int[] Sizes, byte[] Bytes) ReadContent(Stream content, int dimensions, long limit, bool zipped)
    {
        byte[] header = new byte[4 + 4 * dimensions];
        if (content.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length)
            throw new BadDataException($"'{Name}' ends within its header of {header.Length} bytes: it is truncated. Download it again.");
        int[] sizes = ReadSizes(header, dimensions);
        // Two sides of at most 4,096 and a count below 2³¹ do not overflow.
        long length = sizes.Aggregate(1L, (product, size) => product * size);

        string claim = $"its header says {string.Join("x", sizes)}, {length} bytes after the header";
        if (length > limit - (zipped ? 0 : header.Length))
            throw new BadDataException($"'{Name}' is too short: {claim}. It is truncated or damaged: download it again.");
        if (length > LargestBytes)
            throw new BadDataException($"'{Name}' is too large: {claim}; at most {LargestBytes} can be read.");
        if (zipped && length > UncountedBytes) CountContent(header.Length, length, claim);

        byte[] bytes = GC.AllocateUninitializedArray<byte>((int)length);
        int got = content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        if (got < length) throw Truncated(claim, got);
        if (content.ReadByte() >= 0) throw TooLong(claim);
        return (sizes, bytes);
    }

    // A damaged header may ask for a thousand times the gzip file's length.
    private void CountContent(int headerLength, long length, string claim)
    {
        using Stream content = OpenContent(out _, out _);
        byte[] buffer = new byte[1 << 16];
        long got = -headerLength;
        for (int more = -1; more != 0 && got <= length; got += more) more = content.Read(buffer);
        if (got < length) throw Truncated(claim, got);
        if (got > length) throw TooLong(claim);
    }

    private BadDataException Truncated(string claim, long got) =>
        new($"'{Name}' is truncated: {claim}, but only {got} are there. Download it again.");

    private BadDataException TooLong(string claim) => new($"'{Name}' is too long: {claim}, but more are there. Download it again.");

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
