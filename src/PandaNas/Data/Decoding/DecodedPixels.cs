using System.Runtime.InteropServices;
using PandaNas.Data.Resizing;
using SkiaSharp;

namespace PandaNas.Data.Decoding;

/// <summary>Decoded pixels.</summary>
/// <param name="Rgba">H×W×4 bytes, and possibly more behind them.</param>
/// <param name="Width">W.</param>
/// <param name="Height">H.</param>
internal readonly record struct DecodedPixels(byte[] Rgba, int Width, int Height)
{
    /// <summary>The bytes without those behind them.</summary>
    public Span<byte> Bytes => Rgba.AsSpan(0, Width * Height * 4);

    private Span<uint> Pixels => MemoryMarshal.Cast<byte, uint>(Bytes);

    /// <summary>Lays what is not opaque onto a colour.</summary>
    /// <returns>Whether there was anything.</returns>
    public bool Composite(Colour background)
    {
        bool transparent = false;
        Span<byte> bytes = Bytes;
        for (int i = 0; i < bytes.Length; i += 4)
        {
            int alpha = bytes[i + 3];
            if (alpha == 255) continue;
            transparent = true;
            bytes[i] = Mix(bytes[i], background.Red, alpha);
            bytes[i + 1] = Mix(bytes[i + 1], background.Green, alpha);
            bytes[i + 2] = Mix(bytes[i + 2], background.Blue, alpha);
            bytes[i + 3] = 255;
        }
        return transparent;
    }

    /// <summary>The picture as a viewer shows it.</summary>
    /// <param name="origin">How it is stored.</param>
    /// <param name="buffer">Receives the pixels where they have to move; grows.</param>
    public DecodedPixels Upright(SKEncodedOrigin origin, ref byte[] buffer)
    {
        if (origin == SKEncodedOrigin.TopLeft) return this;
        bool turned = Turns(origin);
        DecodedPixels upright = Empty(turned ? Height : Width, turned ? Width : Height, ref buffer);
        // Where the first pixel comes from, and how far its right and its lower neighbour are from there.
        int last = Width * Height - 1, bottom = last - Width + 1, right = Width - 1;
        (int start, int stepX, int stepY) = origin switch
        {
            SKEncodedOrigin.TopRight => (right, -1, Width),
            SKEncodedOrigin.BottomRight => (last, -1, -Width),
            SKEncodedOrigin.BottomLeft => (bottom, 1, -Width),
            SKEncodedOrigin.LeftTop => (0, Width, 1),
            SKEncodedOrigin.RightTop => (bottom, -Width, 1),
            SKEncodedOrigin.RightBottom => (last, -Width, -1),
            SKEncodedOrigin.LeftBottom => (right, Width, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(origin), origin, "expected an orientation of EXIF"),
        };
        Span<uint> from = Pixels, to = upright.Pixels;
        for (int y = 0, at = 0; y < upright.Height; y++)
            for (int x = 0, source = start + y * stepY; x < upright.Width; x++, source += stepX) to[at++] = from[source];
        return upright;
    }

    /// <summary>The picture in the middle of a square of its longer side.</summary>
    /// <param name="background">The colour of the rest.</param>
    /// <param name="buffer">Receives the pixels where they have to move; grows.</param>
    public DecodedPixels Padded(Colour background, ref byte[] buffer)
    {
        if (Width == Height) return this;
        int side = Math.Max(Width, Height), left = (side - Width) / 2, top = (side - Height) / 2;
        DecodedPixels square = Empty(side, side, ref buffer);
        square.Pixels.Fill(MemoryMarshal.Read<uint>([background.Red, background.Green, background.Blue, 255]));
        for (int y = 0; y < Height; y++) Pixels.Slice(y * Width, Width).CopyTo(square.Pixels[((top + y) * side + left)..]);
        return square;
    }

    /// <summary>Copies red, green and blue.</summary>
    /// <param name="planes">Receives 3×H×W bytes.</param>
    public void CopyPlanes(Span<byte> planes)
    {
        ReadOnlySpan<byte> rgba = Bytes;
        int area = planes.Length / 3;
        Span<byte> red = planes[..area], green = planes.Slice(area, area), blue = planes.Slice(2 * area, area);
        for (int i = 0; i < area; i++)
        {
            red[i] = rgba[4 * i];
            green[i] = rgba[4 * i + 1];
            blue[i] = rgba[4 * i + 2];
        }
    }

    /// <summary>Whether width and height of the upright picture are the stored height and width.</summary>
    public static bool Turns(SKEncodedOrigin origin) => origin >= SKEncodedOrigin.LeftTop;

    /// <summary>Room for a picture.</summary>
    public static DecodedPixels Empty(int width, int height, ref byte[] buffer)
    {
        // A single huge picture must not hold its memory for as long as the thread lives.
        const int MostKept = 1 << 26;
        int needed = checked(width * height * 4);
        if (buffer.Length < needed || buffer.Length > Math.Max(needed, MostKept)) buffer = new byte[needed];
        return new DecodedPixels(buffer, width, height);
    }

    private static byte Mix(byte front, byte back, int alpha) => (byte)((front * alpha + back * (255 - alpha) + 127) / 255);
}
