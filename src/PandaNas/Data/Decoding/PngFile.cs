using PandaNas.Data.Resizing;
using SkiaSharp;

namespace PandaNas.Data.Decoding;

/// <summary>Images as PNG files.</summary>
internal static class PngFile
{
    /// <summary>The bytes of a file.</summary>
    /// <param name="planes">C×H×W bytes: grey, or red, green and blue.</param>
    /// <param name="shape">Their shape.</param>
    public static byte[] Of(ReadOnlySpan<byte> planes, ImageShape shape)
    {
        int area = shape.Height * shape.Width, second = shape.Channels == 1 ? 0 : area;
        using var picture = new SKBitmap(new SKImageInfo(shape.Width, shape.Height, SKColorType.Rgba8888, SKAlphaType.Opaque));
        Span<byte> pixels = picture.GetPixelSpan();
        for (int i = 0; i < area; i++)
            (pixels[4 * i], pixels[4 * i + 1], pixels[4 * i + 2], pixels[4 * i + 3]) =
                (planes[i], planes[i + second], planes[i + 2 * second], 255);
        using SKData png = picture.Encode(SKEncodedImageFormat.Png, 100);
        return png.ToArray();
    }
}
