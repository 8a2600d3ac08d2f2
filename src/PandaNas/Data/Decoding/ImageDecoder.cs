using Microsoft.Win32.SafeHandles;
using PandaNas.Data.Resizing;
using PandaNas.Runtime.Files;
using SkiaSharp;

namespace PandaNas.Data.Decoding;

/// <summary>
/// Decodes image files to what a viewer shows: turned upright as EXIF says, colours converted to sRGB, transparency laid onto a
/// background. Grey becomes equal planes. One per thread: the buffers are kept from file to file.
/// </summary>
internal sealed class ImageDecoder
{
    private const long MaximumFileBytes = 1 << 28;

    // Larger and empty ones are told apart from damaged ones here.
    private static readonly FileKind Kind = new("an image", long.MaxValue, "Replace or remove it.") { MayBeEmpty = true };

    // Pictures up to so many pixels are decoded whole by the look at a file, so that their digest does not depend on the format.
    private const long WholeUpTo = 1 << 16;
    private byte[] _file = [], _stored = [], _upright = [];

    /// <summary>
    /// Looks at a file once: reads it to its end and decodes it, large JPEG files at the smallest scale, which finds truncated
    /// and damaged ones.
    /// </summary>
    public ImageFinding Inspect(string path)
    {
        try
        {
            ReadOnlySpan<byte> file = LoadFile(path);
            using EncodedImage image = EncodedImage.Open(path, file);
            int eighths = image.Area <= WholeUpTo ? 8 : 1;
            DecodedPixels pixels = DecodeStored(path, image, eighths);
            RequireAllPixels(path, image, pixels);
            ImageFlags flags = image.Flags
                | (image.Facts.LacksEnd ? ImageFlags.NoEndMarker : 0)
                | (IsMisnamed(path, image.Format) ? ImageFlags.Misnamed : 0);
            if (image.MayBeTransparent && pixels.Composite(Colour.White)) flags |= ImageFlags.Transparent;
            UInt128 digest =
                Digest.Of(pixels.Upright(image.Origin, ref _upright).Bytes) ^ (UInt128)(uint)image.Width << 32 ^ (uint)image.Height;
            return new ImageFinding(image.Format, image.Width, image.Height, flags, ImageFault.None, null, Digest.Of(file), digest);
        }
        catch (ImageFaultException error)
        {
            return error.Finding;
        }
        catch (BadDataException error)
        {
            return new ImageFinding("", 0, 0, ImageFlags.None, ImageFault.Unreadable, error.Message, 0, 0);
        }
    }

    /// <summary>Decodes one file, at a reduced scale if its format has any: of JPEG that takes a fraction of the time.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The upright size that it was found to have.</param>
    /// <param name="eighths">The wanted scale, 1 to 8 eighths; 8 is the stored size.</param>
    /// <param name="background">Shows through where the picture is transparent.</param>
    /// <returns>The pixels, upright and opaque, valid until this decoder's next file.</returns>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated, no image, or of another size.</exception>
    public DecodedPixels Decode(string path, ImageShape shape, int eighths, Colour background)
    {
        try
        {
            using EncodedImage image = EncodedImage.Open(path, LoadFile(path));
            if (image.Width != shape.Width || image.Height != shape.Height)
                throw new BadDataException(
                    $"'{path}' is {image.Width}x{image.Height} pixels but was {shape.SizeText} when the folder was checked. Run again.");
            return Shown(image, DecodeStored(path, image, eighths), background);
        }
        catch (ImageFaultException error)
        {
            throw new BadDataException(error.Message, error);
        }
    }

    /// <summary>Decodes a picture of which nothing is known, with the look at it that a folder's files get before.</summary>
    /// <param name="name">What messages call it.</param>
    /// <param name="file">The file.</param>
    /// <param name="background">Shows through where the picture is transparent.</param>
    /// <param name="eighthsOf">The wanted scale for its upright size.</param>
    /// <returns>The pixels, upright and opaque, valid until this decoder's next file.</returns>
    /// <exception cref="BadDataException">The file is damaged, truncated or no image.</exception>
    public DecodedPixels Decode(string name, ReadOnlySpan<byte> file, Colour background, Func<ImageShape, int> eighthsOf)
    {
        try
        {
            using EncodedImage image = EncodedImage.Open(name, file);
            DecodedPixels pixels = DecodeStored(name, image, eighthsOf(new ImageShape(3, image.Height, image.Width)));
            RequireAllPixels(name, image, pixels);
            return Shown(image, pixels, background);
        }
        catch (ImageFaultException error)
        {
            throw new BadDataException(error.Message, error);
        }
    }

    /// <summary>The bytes of a file, valid until this decoder's next one.</summary>
    /// <exception cref="BadDataException">It is missing, cannot be read, or is too large.</exception>
    public ReadOnlySpan<byte> Load(string path)
    {
        try
        {
            return LoadFile(path);
        }
        catch (ImageFaultException error)
        {
            throw new BadDataException(error.Message, error);
        }
    }

    /// <summary>The bytes of a picture that is read from a stream.</summary>
    /// <param name="stream">The stream, from where it stands to its end.</param>
    /// <param name="name">What messages call the picture.</param>
    /// <exception cref="BadDataException">It cannot be read, or is too large.</exception>
    public static ReadOnlyMemory<byte> ReadAll(Stream stream, string name)
    {
        var file = new MemoryStream();
        byte[] part = new byte[1 << 16];
        try
        {
            for (int got; (got = stream.Read(part)) > 0;)
            {
                if (file.Length + got > MaximumFileBytes) throw new BadDataException(TooLarge(name, $"more than {MaximumFileBytes} bytes"));
                file.Write(part, 0, got);
            }
        }
        catch (IOException error)
        {
            throw new BadDataException($"cannot read '{name}': {error.Message}", error);
        }
        return file.GetBuffer().AsMemory(0, (int)file.Length);
    }

    private DecodedPixels Shown(EncodedImage image, DecodedPixels pixels, Colour background)
    {
        if (image.MayBeTransparent) pixels.Composite(background);
        return pixels.Upright(image.Origin, ref _upright);
    }

    private static string TooLarge(string name, string size) =>
        $"'{name}' has {size}, which is above the limit of {MaximumFileBytes}. Scale it down, or remove it.";

    private DecodedPixels DecodeStored(string path, EncodedImage image, int eighths)
    {
        SKSizeI size = image.ScaledSize(eighths);
        DecodedPixels pixels = DecodedPixels.Empty(size.Width, size.Height, ref _stored);
        image.Decode(path, pixels);
        return pixels;
    }

    // The decoder fills missing blocks of a JPEG file with middle grey, so only a last pixel of it raises suspicion.
    private static void RequireAllPixels(string path, EncodedImage image, DecodedPixels pixels)
    {
        if (!image.IsScalable || !(image.Facts.LacksEnd || pixels.Bytes[^4..] is [128, 128, 128, _])) return;
        byte[] room = [];
        SKSizeI whole = image.ScaledSize(8);
        if (image.EndsEarly(DecodedPixels.Empty(whole.Width, whole.Height, ref room)))
            throw image.Damage(path, "is truncated: the image ends early");
    }

    private static bool IsMisnamed(string path, string format)
    {
        string? named = Path.GetExtension(path).ToLowerInvariant() switch
        {
            ".jpg" or ".jpeg" or ".jpe" or ".jfif" => "JPEG",
            ".png" or ".apng" => "PNG",
            ".webp" => "WebP",
            ".gif" => "GIF",
            ".bmp" or ".dib" => "BMP",
            ".tif" or ".tiff" => "TIFF",
            ".heic" or ".heif" => "HEIC",
            ".avif" => "AVIF",
            _ => null,
        };
        return named is not null && named != format;
    }

    // Valid until the next file.
    private ReadOnlySpan<byte> LoadFile(string path)
    {
        int length = InputFile.Guard(path, Kind.Expected, () =>
        {
            using SafeFileHandle handle = InputFile.OpenHandle(path, Kind);
            long length = RandomAccess.GetLength(handle);
            if (length > MaximumFileBytes)
                throw new ImageFaultException(new ImageFinding("", 0, 0, ImageFlags.None, ImageFault.TooLarge,
                    TooLarge(path, $"{length} bytes"), 0, 0));
            if (_file.Length < length) _file = new byte[Math.Max(length, 1 << 14)];
            int got = 0;
            while (got < length)
            {
                int more = RandomAccess.Read(handle, _file.AsSpan(got, (int)length - got), got);
                if (more == 0) break;
                got += more;
            }
            return got;
        });
        return _file.AsSpan(0, length);
    }
}
