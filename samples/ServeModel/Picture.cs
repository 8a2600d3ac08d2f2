using System.Drawing;
using System.Net;
using SkiaSharp;

namespace ServeModel;

/// <summary>The pixels of a picture as a viewer shows it: upright, in sRGB, opaque.</summary>
/// <param name="Pixels">H×W×C bytes.</param>
/// <param name="Width">W.</param>
/// <param name="Height">H.</param>
internal sealed record Picture(byte[] Pixels, int Width, int Height)
{
    // The model works on all pixels: eight million take it a quarter of a GiB.
    private const long MostPixels = 8_000_000;

    /// <summary>Decodes a file.</summary>
    /// <exception cref="Refusal">It is no picture, damaged, or too large.</exception>
    public static Picture Decode(byte[] file, ModelFacts facts)
    {
        using SKData data = SKData.CreateCopy(file);
        using SKCodec? codec = SKCodec.Create(new SKMemoryStream(data), out SKCodecResult opened);
        if (codec is null)
            throw opened == SKCodecResult.Unimplemented
                ? new Refusal(HttpStatusCode.UnsupportedMediaType, "This is no JPEG, PNG, WebP, GIF or BMP file.")
                : new Refusal(HttpStatusCode.BadRequest, $"The picture is damaged: its header cannot be read ({opened}).");
        SKSizeI size = codec.GetScaledDimensions(Scale(codec, facts));
        if ((long)size.Width * size.Height > MostPixels)
            throw new Refusal(
                HttpStatusCode.RequestEntityTooLarge,
                $"The picture has {size.Width}x{size.Height} pixels, above the limit of {MostPixels / 1_000_000} million: scale it down.");
        var info = new SKImageInfo(size.Width, size.Height, SKColorType.Rgba8888, SKAlphaType.Unpremul, SKColorSpace.CreateSrgb());
        using var bitmap = new SKBitmap(info);
        SKCodecResult decoded = codec.GetPixels(info, bitmap.GetPixels());
        if (decoded != SKCodecResult.Success)
            throw new Refusal(
                HttpStatusCode.BadRequest,
                decoded == SKCodecResult.IncompleteInput ? "The picture is truncated." : $"The picture is damaged ({decoded}).");
        return Upright(bitmap, codec.EncodedOrigin, facts);
    }

    // Of JPEG files a half, quarter or eighth is decoded where that is enough for what the network sees, as in training.
    private static float Scale(SKCodec codec, ModelFacts facts)
    {
        int shorter = Math.Min(codec.Info.Width, codec.Info.Height), longer = Math.Max(codec.Info.Width, codec.Info.Height);
        if (codec.EncodedFormat != SKEncodedImageFormat.Jpeg || (facts.Fit is null && shorter == longer)) return 1;
        double seen = facts.Fit switch { "pad" => longer, "squash" => shorter, _ => 0.875 * shorter };
        double least = facts.ImageSize / seen;
        return least <= 0.125 ? 0.125f : least <= 0.25 ? 0.25f : least <= 0.5 ? 0.5f : 1;
    }

    private static Picture Upright(SKBitmap bitmap, SKEncodedOrigin origin, ModelFacts facts)
    {
        int right = bitmap.Width - 1, bottom = bitmap.Height - 1;
        bool turned = origin >= SKEncodedOrigin.LeftTop;
        int width = turned ? bitmap.Height : bitmap.Width, height = turned ? bitmap.Width : bitmap.Height;
        ReadOnlySpan<byte> rgba = bitmap.GetPixelSpan();
        byte[] pixels = new byte[width * height * facts.Channels];
        Color background = ColorTranslator.FromHtml(facts.Background);
        int at = 0;
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
            {
                (int column, int row) = origin switch
                {
                    SKEncodedOrigin.TopRight => (right - x, y),
                    SKEncodedOrigin.BottomRight => (right - x, bottom - y),
                    SKEncodedOrigin.BottomLeft => (x, bottom - y),
                    SKEncodedOrigin.LeftTop => (y, x),
                    SKEncodedOrigin.RightTop => (y, bottom - x),
                    SKEncodedOrigin.RightBottom => (right - y, bottom - x),
                    SKEncodedOrigin.LeftBottom => (right - y, x),
                    _ => (x, y),
                };
                ReadOnlySpan<byte> pixel = rgba.Slice((row * bitmap.Width + column) * 4, 4);
                int red = Opaque(pixel[0], background.R, pixel[3]), green = Opaque(pixel[1], background.G, pixel[3]);
                int blue = Opaque(pixel[2], background.B, pixel[3]);
                if (facts.Channels == 1) pixels[at++] = (byte)((299 * red + 587 * green + 114 * blue + 500) / 1000);
                else (pixels[at++], pixels[at++], pixels[at++]) = ((byte)red, (byte)green, (byte)blue);
            }
        return new Picture(pixels, width, height);
    }

    private static int Opaque(int front, int back, int alpha) => (front * alpha + back * (255 - alpha) + 127) / 255;
}
