using SkiaSharp;

namespace PandaNas.Data.Decoding;

/// <summary>An image file in memory whose header has been read.</summary>
internal sealed unsafe class EncodedImage : IDisposable
{
    /// <summary>Files of so many pixels or more are not decoded: 200 million.</summary>
    public const long TooManyPixels = 200_000_000;

    private const string Expected = "a JPEG, PNG, WebP, GIF or BMP image";
    private readonly SKData _data;
    private readonly SKCodec _codec;

    private EncodedImage(SKData data, SKCodec codec, string format, EncodedFacts facts)
    {
        _data = data;
        _codec = codec;
        Format = format;
        Facts = facts;
    }

    /// <summary>As <see cref="FileSignature"/> names it.</summary>
    public string Format { get; }

    /// <summary>What markers and chunks say.</summary>
    public EncodedFacts Facts { get; }

    /// <summary>How the stored pixels are turned.</summary>
    public SKEncodedOrigin Origin => Facts.Origin ?? _codec.EncodedOrigin;

    /// <summary>Width, upright.</summary>
    public int Width => DecodedPixels.Turns(Origin) ? _codec.Info.Height : _codec.Info.Width;

    /// <summary>Height, upright.</summary>
    public int Height => DecodedPixels.Turns(Origin) ? _codec.Info.Width : _codec.Info.Height;

    /// <summary>Pixels.</summary>
    public long Area => (long)Width * Height;

    /// <summary>Whether a smaller picture is decoded faster.</summary>
    public bool IsScalable => Format == "JPEG";

    /// <summary>Whether pixels may be transparent.</summary>
    public bool MayBeTransparent => _codec.Info.AlphaType != SKAlphaType.Opaque;

    /// <summary>What is special about it, but for what only the pixels tell.</summary>
    public ImageFlags Flags =>
        Facts.Flags | (Origin == SKEncodedOrigin.TopLeft ? 0 : ImageFlags.Rotated) | (ConvertsColours ? ImageFlags.ColourProfile : 0)
        | (!IsScalable && _codec.FrameCount > 1 ? ImageFlags.Animated : 0);

    private bool ConvertsColours =>
        Facts.HasProfile && ((Facts.Flags & ImageFlags.Cmyk) != 0 || _codec.Info.ColorSpace is { IsSrgb: false });

    /// <summary>Reads a header.</summary>
    /// <param name="path">The file's name, for faults.</param>
    /// <param name="file">Its bytes, which are copied.</param>
    /// <exception cref="ImageFaultException">It is no image that can be decoded.</exception>
    public static EncodedImage Open(string path, ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty) throw Fault("", ImageFault.Damaged, $"'{path}' is empty; expected {Expected}. Replace or remove it.");
        FileSignature signature = FileSignature.Of(file);
        if (signature.Name.Length == 0)
            throw Fault(
                "", ImageFault.Unsupported, $"'{path}' is not an image of a known format; expected {Expected}. Replace or remove it.");
        if (!signature.IsDecoded)
            throw Fault(signature.Name, ImageFault.Unsupported,
                $"'{path}' is a file of the format {signature.Name}, which is not decoded; expected {Expected}. "
                + "Convert it to JPEG or PNG, or remove it.");
        EncodedFacts facts = EncodedFacts.Of(signature.Name, file);
        SKData data = facts.LacksEnd ? WithEnd(file[..facts.DataEnd], []) : SKData.CreateCopy(file);
        if (SKCodec.Create(data) is { } codec)
        {
            var image = new EncodedImage(data, codec, signature.Name, facts);
            if (image.Area is > 0 and < TooManyPixels) return image;
            using (image)
                throw image.Fault(ImageFault.TooLarge,
                    $"'{path}' is {image.Width}x{image.Height} pixels, which is above the limit of {TooManyPixels / 1_000_000} million. "
                    + "Scale it down, or remove it.");
        }
        data.Dispose();
        throw Fault(
            signature.Name, ImageFault.Damaged,
            $"'{path}' is damaged: the header of this {signature.Name} file cannot be read. Replace or remove it.");
    }

    /// <summary>The stored size, or a smaller one that the format can give.</summary>
    /// <param name="eighths">The wanted scale, 1 to 8 eighths; 8 is the stored size.</param>
    public SKSizeI ScaledSize(int eighths) => IsScalable ? _codec.GetScaledDimensions(eighths / 8f) : _codec.Info.Size;

    /// <summary>Decodes the stored pixels, converted to sRGB and not yet turned.</summary>
    /// <param name="path">The file's name, for faults.</param>
    /// <param name="pixels">Receives them; of a size that <see cref="ScaledSize"/> gave.</param>
    /// <exception cref="ImageFaultException">The file is damaged or truncated.</exception>
    public void Decode(string path, DecodedPixels pixels)
    {
        SKCodecResult result = Decode(_codec, pixels);
        if (result != SKCodecResult.Success)
            throw Damage(path, result == SKCodecResult.IncompleteInput
                ? "is truncated: the image ends early"
                : $"is damaged: it cannot be decoded ({result})");
    }

    /// <summary>
    /// Whether a JPEG file's data end before its last pixel, which the decoder does not tell where an end marker follows: then pixels
    /// depend on the bits behind the data.
    /// </summary>
    /// <param name="pixels">Room for the stored size.</param>
    public bool EndsEarly(DecodedPixels pixels)
    {
        if (!Facts.HasAllScans) return true;
        ReadOnlySpan<byte> file = _data.AsSpan()[..Facts.DataEnd];
        // Alternating bits and their opposites, so that the very next bit differs; and many ones, which are a large coefficient.
        UInt128 first = DigestWith(file, 0x55, pixels);
        return first != DigestWith(file, 0xaa, pixels) || first != DigestWith(file, 0xfe, pixels);
    }

    /// <summary>A fault of this file.</summary>
    public ImageFaultException Fault(ImageFault fault, string reason) =>
        new(new ImageFinding(Format, Width, Height, Flags, fault, reason, 0, 0));

    /// <summary>Damage of this file.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="what">Goes on after it.</param>
    public ImageFaultException Damage(string path, string what) => Fault(ImageFault.Damaged, $"'{path}' {what}. Replace or remove it.");

    /// <inheritdoc/>
    public void Dispose()
    {
        _codec.Dispose();
        _data.Dispose();
    }

    private SKCodecResult Decode(SKCodec codec, DecodedPixels pixels)
    {
        // Without a colour space Skia converts none; unpremultiplied keeps the colour under transparency.
        var info = new SKImageInfo(pixels.Width, pixels.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (ConvertsColours) info = info.WithColorSpace(SKColorSpace.CreateSrgb());
        fixed (byte* target = pixels.Rgba) return codec.GetPixels(info, (nint)target);
    }

    private UInt128 DigestWith(ReadOnlySpan<byte> file, byte padding, DecodedPixels pixels)
    {
        // Enough for the pixels of several blocks to differ.
        Span<byte> behind = stackalloc byte[256];
        behind.Fill(padding);
        using SKData data = WithEnd(file, behind);
        using SKCodec codec = SKCodec.Create(data);
        return Decode(codec, pixels) == SKCodecResult.Success ? Digest.Of(pixels.Bytes) : padding;
    }

    private static SKData WithEnd(ReadOnlySpan<byte> file, ReadOnlySpan<byte> padding) =>
        SKData.CreateCopy([.. file, .. padding, 0xff, 0xd9]);

    private static ImageFaultException Fault(string format, ImageFault fault, string reason) =>
        new(new ImageFinding(format, 0, 0, ImageFlags.None, fault, reason, 0, 0));
}

/// <summary>A file cannot be used; what is known of it, and why, is in the finding.</summary>
internal sealed class ImageFaultException(ImageFinding finding) : Exception(finding.Reason)
{
    /// <summary>What was found, with its fault.</summary>
    public ImageFinding Finding => finding;
}
