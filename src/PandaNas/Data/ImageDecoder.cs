using System.Buffers.Binary;
using System.Security.Cryptography;
using PandaNas.Runtime;
using SkiaSharp;

namespace PandaNas.Data;

/// <summary>Decoded pixels.</summary>
/// <param name="Rgba">H×W×4 bytes, and possibly more behind them.</param>
/// <param name="Width">W.</param>
/// <param name="Height">H.</param>
internal readonly record struct DecodedPixels(byte[] Rgba, int Width, int Height);

/// <summary>
/// Decodes JPEG and PNG files to red, green and blue planes; grey becomes equal planes and transparency is dropped, as PIL's
/// <c>convert("RGB")</c> does. Turned photographs are not turned back. One a thread: the buffers are kept from file to file.
/// </summary>
internal sealed class ImageDecoder
{
    private static readonly FileKind Kind = new("a JPEG or PNG image", 1 << 28, "Replace or remove it.");
    private byte[] _file = [];
    private byte[] _rgba = [];

    /// <summary>The size that a file's header gives.</summary>
    /// <exception cref="BadDataException">It is no image that can be read.</exception>
    public ImageShape Measure(string path)
    {
        using SKData data = Load(path);
        using SKCodec codec = OpenCodec(path, data);
        return new ImageShape(3, codec.Info.Height, codec.Info.Width);
    }

    /// <summary>Decodes one file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="shape">The shape it must have.</param>
    /// <param name="first">The file whose shape that is, for the error.</param>
    /// <param name="planes">Receives 3×H×W bytes.</param>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated, no image, or of another size.</exception>
    public void Decode(string path, ImageShape shape, string first, Span<byte> planes)
    {
        using SKData data = Load(path);
        using SKCodec codec = OpenCodec(path, data);
        var found = new ImageShape(3, codec.Info.Height, codec.Info.Width);
        if (found != shape)
            throw new BadDataException(
                $"'{path}' is {found.SizeText} pixels but '{first}' is {shape.SizeText}; expected one size for all. Scale or remove it.");

        Decode(path, codec, shape.Width, shape.Height);
        Split(_rgba, planes);
    }

    /// <summary>
    /// Decodes one file at a reduced scale, which takes a JPEG file a fraction of the time; PNG files are decoded at their own.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="stored">The size that it must have.</param>
    /// <param name="eighths">The wanted scale, 1 to 8 eighths; 8 is the stored size.</param>
    /// <returns>The pixels, valid until this decoder's next file.</returns>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated, no image, or of another size.</exception>
    public DecodedPixels DecodeScaled(string path, ImageShape stored, int eighths)
    {
        using SKData data = Load(path);
        using SKCodec codec = OpenCodec(path, data);
        if (codec.Info.Width != stored.Width || codec.Info.Height != stored.Height)
            throw new BadDataException(
                $"'{path}' is {codec.Info.Width}x{codec.Info.Height} pixels but was {stored.SizeText} when the folder was checked. Run again.");
        SKSizeI size = codec.GetScaledDimensions(eighths / 8f);
        Decode(path, codec, size.Width, size.Height);
        return new DecodedPixels(_rgba, size.Width, size.Height);
    }

    /// <summary>Reads a file to its end and decodes it at the smallest scale, which finds truncated and damaged ones.</summary>
    /// <param name="path">The file.</param>
    /// <param name="digest">The first 16 bytes of the content's SHA-256.</param>
    /// <returns>The stored size.</returns>
    /// <exception cref="BadDataException">The file is missing, damaged, truncated, or no image.</exception>
    public ImageShape Check(string path, out UInt128 digest)
    {
        using SKData data = Load(path);
        digest = BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(data.AsSpan()));
        using SKCodec codec = OpenCodec(path, data);
        SKSizeI size = codec.GetScaledDimensions(1 / 8f);
        Decode(path, codec, size.Width, size.Height);
        return new ImageShape(3, codec.Info.Height, codec.Info.Width);
    }

    private unsafe void Decode(string path, SKCodec codec, int width, int height)
    {
        // Without a colour space Skia converts none; unpremultiplied keeps the colour under transparency.
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul);
        if (_rgba.Length < info.BytesSize) _rgba = new byte[info.BytesSize];
        SKCodecResult result;
        fixed (byte* pixels = _rgba) result = codec.GetPixels(info, (nint)pixels);
        if (result != SKCodecResult.Success)
            throw new BadDataException(result == SKCodecResult.IncompleteInput
                ? $"'{path}' is truncated: the image ends early. Replace or remove it."
                : $"'{path}' is damaged: it cannot be decoded ({result}). Replace or remove it.");
    }

    private static void Split(ReadOnlySpan<byte> rgba, Span<byte> planes)
    {
        int area = planes.Length / 3;
        Span<byte> red = planes[..area], green = planes.Slice(area, area), blue = planes.Slice(2 * area, area);
        rgba = rgba[..(4 * area)];
        for (int i = 0; i < area; i++)
        {
            red[i] = rgba[4 * i];
            green[i] = rgba[4 * i + 1];
            blue[i] = rgba[4 * i + 2];
        }
    }

    private SKData Load(string path) => InputFile.Guard(path, Kind.Expected, () =>
    {
        using Microsoft.Win32.SafeHandles.SafeFileHandle handle = InputFile.OpenHandle(path, Kind);
        long length = RandomAccess.GetLength(handle);
        if (_file.Length < length) _file = new byte[Math.Max(length, 1 << 14)];
        int got = 0;
        while (got < length)
        {
            int more = RandomAccess.Read(handle, _file.AsSpan(got, (int)length - got), got);
            if (more == 0) break;
            got += more;
        }
        return SKData.CreateCopy(_file.AsSpan(0, got));
    });

    private static SKCodec OpenCodec(string path, SKData data)
    {
        SKCodec codec = SKCodec.Create(data) ?? throw NotAnImage(path);
        if (codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png))
        {
            codec.Dispose();
            throw NotAnImage(path);
        }
        SKImageInfo info = codec.Info;
        if (info.Width is > 0 and <= ImageShape.MaximumSide && info.Height is > 0 and <= ImageShape.MaximumSide) return codec;
        codec.Dispose();
        throw new BadDataException(
            $"'{path}' is {info.Width}x{info.Height} pixels; expected sides of 1 to {ImageShape.MaximumSide}. Scale or remove it.");
    }

    private static BadDataException NotAnImage(string path) => new(
        $"'{path}' is not a JPEG or PNG image, or its header is damaged; expected only images in a class folder. Replace or remove it.");
}
