using static PandaNas.Data.Augmenting.ImageOperation;

namespace PandaNas.Data.Augmenting;

/// <summary>Shears, translations and rotations: the nearest pixel, black outside, in Pillow's fixed-point arithmetic.</summary>
internal static class GeometricOperations
{
    private const int FractionBits = 16;

    /// <summary>The place (x, y) of the new image shows A·(x, y) + offset of the old one.</summary>
    private readonly record struct Mapping(double Xx, double Xy, double X0, double Yx, double Yy, double Y0)
    {
        public static readonly Mapping Identity = new(1, 0, 0, 0, 1, 0);
    }

    /// <summary>Applies a shear, translation or rotation.</summary>
    public static void Apply(PlanarImage image, OperationDraw draw)
    {
        Transform(image, MappingOf(draw, image.Side));
        image.Swap();
    }

    private static Mapping MappingOf(OperationDraw draw, int side) => draw.Operation switch
    {
        ShearX => Mapping.Identity with { Xy = draw.Magnitude },
        ShearY => Mapping.Identity with { Yx = draw.Magnitude },
        TranslateX => Mapping.Identity with { X0 = -Math.Truncate(draw.Magnitude) },
        TranslateY => Mapping.Identity with { Y0 = -Math.Truncate(draw.Magnitude) },
        Rotate => Rotation(draw.Magnitude, side / 2.0),
        _ => throw new ArgumentOutOfRangeException(nameof(draw), draw.Operation, "not an operation on places"),
    };

    private static Mapping Rotation(double degrees, double centre)
    {
        (double sine, double cosine) = Math.SinCos(-degrees * Math.PI / 180);
        return new Mapping(
            cosine, sine, centre - cosine * centre - sine * centre,
            -sine, cosine, centre + sine * centre - cosine * centre);
    }

    private static void Transform(PlanarImage image, Mapping map)
    {
        int side = image.Side, area = side * side;
        ReadOnlySpan<byte> from = image.Planes;
        Span<byte> to = image.Spare;
        int xx = Fixed(map.Xx), xy = Fixed(map.Xy), yx = Fixed(map.Yx), yy = Fixed(map.Yy);
        // Pixels are at their centres.
        int rowX = Fixed(map.X0 + (map.Xx + map.Xy) / 2), rowY = Fixed(map.Y0 + (map.Yx + map.Yy) / 2);
        for (int y = 0; y < side; y++, rowX += xy, rowY += yy)
        {
            int atX = rowX, atY = rowY;
            for (int x = 0; x < side; x++, atX += xx, atY += yx)
            {
                int oldX = atX >> FractionBits, oldY = atY >> FractionBits, target = y * side + x;
                bool inside = (uint)oldX < (uint)side && (uint)oldY < (uint)side;
                int source = inside ? oldY * side + oldX : 0;
                for (int plane = 0; plane < 3 * area; plane += area) to[plane + target] = inside ? from[plane + source] : (byte)0;
            }
        }
    }

    // An image of at most 4,096 pixels per side keeps every place within 32 bits.
    private static int Fixed(double value) => (int)Math.Floor(value * (1 << FractionBits) + 0.5);
}
