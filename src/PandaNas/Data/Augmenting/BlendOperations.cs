namespace PandaNas.Data.Augmenting;

/// <summary>Operations that blend an image with a plainer version of itself, as Pillow's ImageEnhance defines them.</summary>
internal static class BlendOperations
{
    /// <summary>Applies brightness, color, contrast or sharpness; 1 + magnitude is the image's share.</summary>
    public static void Apply(PlanarImage image, OperationDraw draw)
    {
        float share = (float)(1 + draw.Magnitude);
        Span<byte> plain = image.Spare;
        switch (draw.Operation)
        {
            case ImageOperation.Brightness:
                plain.Clear();
                break;
            case ImageOperation.Color:
                WriteLightness(image, plain);
                break;
            case ImageOperation.Contrast:
                plain.Fill(MeanLightness(image, plain));
                break;
            case ImageOperation.Sharpness:
                for (int channel = 0; channel < 3; channel++)
                    Smooth(image.Plane(channel), plain.Slice(channel * image.Side * image.Side), image.Side);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(draw), draw.Operation, "not an operation that blends");
        }
        Span<byte> planes = image.Planes;
        for (int i = 0; i < planes.Length; i++) planes[i] = Blend(plain[i], planes[i], share);
    }

    // Towards zero, as Pillow converts floats.
    private static byte Blend(byte plain, byte full, float share) => (byte)Math.Clamp(plain + share * (full - plain), 0f, 255f);

    private static void WriteLightness(PlanarImage image, Span<byte> plain)
    {
        ReadOnlySpan<byte> red = image.Plane(0), green = image.Plane(1), blue = image.Plane(2);
        int area = red.Length;
        for (int i = 0; i < area; i++) plain[i] = Lightness(red[i], green[i], blue[i]);
        plain[..area].CopyTo(plain[area..]);
        plain[..area].CopyTo(plain[(2 * area)..]);
    }

    private static byte MeanLightness(PlanarImage image, Span<byte> scratch)
    {
        WriteLightness(image, scratch);
        int area = image.Side * image.Side;
        long sum = 0;
        foreach (byte value in scratch[..area]) sum += value;
        return (byte)((double)sum / area + 0.5);
    }

    // ITU-R 601-2 luma in 16 bits of fraction.
    private static byte Lightness(byte red, byte green, byte blue) => (byte)((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);

    // (1 1 1; 1 5 1; 1 1 1) / 13; border pixels stay.
    private static void Smooth(ReadOnlySpan<byte> from, Span<byte> to, int side)
    {
        from.CopyTo(to);
        for (int y = 1; y < side - 1; y++)
            for (int x = 1; x < side - 1; x++)
            {
                int at = y * side + x;
                int sum = 4 * from[at];
                for (int row = at - side; row <= at + side; row += side) sum += from[row - 1] + from[row] + from[row + 1];
                to[at] = (byte)((2 * sum + 13) / 26);
            }
    }
}
