namespace PandaNas.Data.Augmenting;

/// <summary>Operations that replace every value of a channel by another, as Pillow's ImageOps defines them.</summary>
internal static class TableOperations
{
    /// <summary>Applies posterize, solarize, autocontrast, equalize or invert.</summary>
    public static void Apply(PlanarImage image, OperationDraw draw)
    {
        Span<byte> table = stackalloc byte[256];
        for (int channel = 0; channel < 3; channel++)
        {
            Span<byte> plane = image.Plane(channel);
            Fill(table, plane, draw);
            foreach (ref byte value in plane) value = table[value];
        }
    }

    private static void Fill(Span<byte> table, ReadOnlySpan<byte> plane, OperationDraw draw)
    {
        switch (draw.Operation)
        {
            case ImageOperation.Posterize:
                int mask = 0xff & ~((1 << (8 - (int)draw.Magnitude)) - 1);
                for (int value = 0; value < 256; value++) table[value] = (byte)(value & mask);
                break;
            case ImageOperation.Solarize:
                for (int value = 0; value < 256; value++) table[value] = (byte)(value < draw.Magnitude ? value : 255 - value);
                break;
            case ImageOperation.Invert:
                for (int value = 0; value < 256; value++) table[value] = (byte)(255 - value);
                break;
            case ImageOperation.AutoContrast:
                Stretch(table, plane);
                break;
            case ImageOperation.Equalize:
                Equalize(table, plane);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(draw), draw.Operation, "not an operation on values");
        }
    }

    private static void Stretch(Span<byte> table, ReadOnlySpan<byte> plane)
    {
        int low = 255, high = 0;
        foreach (byte value in plane)
        {
            low = Math.Min(low, value);
            high = Math.Max(high, value);
        }
        double scale = high > low ? 255.0 / (high - low) : 1, offset = high > low ? -low * scale : 0;
        for (int value = 0; value < 256; value++) table[value] = (byte)Math.Clamp((int)(value * scale + offset), 0, 255);
    }

    private static void Equalize(Span<byte> table, ReadOnlySpan<byte> plane)
    {
        Span<int> counts = stackalloc int[256];
        counts.Clear();
        foreach (byte value in plane) counts[value]++;
        int last = counts.LastIndexOfAnyExcept(0);
        // Pixels per step of the new scale; those of the last value all become 255.
        int step = last < 0 ? 0 : (plane.Length - counts[last]) / 255;
        int sum = step / 2;
        for (int value = 0; value < 256; value++)
        {
            table[value] = (byte)(step == 0 ? value : Math.Min(255, sum / step));
            sum += counts[value];
        }
    }
}
