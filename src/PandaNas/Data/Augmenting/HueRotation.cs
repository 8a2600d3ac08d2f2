namespace PandaNas.Data.Augmenting;

/// <summary>Turns the hue of every pixel in the HSV model: value and saturation stay.</summary>
internal static class HueRotation
{
    /// <summary>Turns by a share of the colour circle, -0.5 to 0.5; red goes to yellow first.</summary>
    public static void Apply(PlanarImage image, double turn)
    {
        Span<byte> red = image.Plane(0), green = image.Plane(1), blue = image.Plane(2);
        float sextants = (float)(6 * (turn - Math.Floor(turn)));
        for (int i = 0; i < red.Length; i++) (red[i], green[i], blue[i]) = Turned(red[i], green[i], blue[i], sextants);
    }

    private static (byte Red, byte Green, byte Blue) Turned(int red, int green, int blue, float sextants)
    {
        int high = Math.Max(red, Math.Max(green, blue)), range = high - Math.Min(red, Math.Min(green, blue));
        if (range == 0) return ((byte)red, (byte)green, (byte)blue);
        float hue = high == red ? (float)(green - blue) / range
            : high == green ? 2 + (float)(blue - red) / range
            : 4 + (float)(red - green) / range;
        hue += sextants;
        return (Component(hue + 5, high, range), Component(hue + 3, high, range), Component(hue + 1, high, range));
    }

    // A channel is lowest for two sextants of the circle, highest for two, and between them on the way.
    private static byte Component(float place, int high, int range)
    {
        place -= 6 * MathF.Floor(place / 6);
        float lack = Math.Clamp(Math.Min(place, 4 - place), 0, 1);
        return (byte)(high - range * lack + 0.5f);
    }
}
