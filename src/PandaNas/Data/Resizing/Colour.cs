using System.Drawing;

namespace PandaNas.Data.Resizing;

/// <summary>An opaque sRGB colour.</summary>
/// <param name="Red">0 to 255.</param>
/// <param name="Green">0 to 255.</param>
/// <param name="Blue">0 to 255.</param>
public readonly record struct Colour(byte Red, byte Green, byte Blue)
{
    /// <summary>White.</summary>
    public static Colour White { get; } = new(255, 255, 255);

    /// <summary>Reads a name of CSS (<c>white</c>) or <c>#RRGGBB</c>.</summary>
    /// <exception cref="BadOptionException">It is neither.</exception>
    public static Colour Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        try
        {
            Color colour = ColorTranslator.FromHtml(text.Trim());
            if (colour.A == 255 && !colour.IsSystemColor) return new Colour(colour.R, colour.G, colour.B);
        }
        catch (Exception error) when (error is ArgumentException or FormatException or OverflowException)
        {
            // Told below, like a system's colour or a transparent one.
        }
        throw new BadOptionException($"'{text}' is no colour: write a name as white or black, or #RRGGBB");
    }

    /// <summary>A text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => this switch
    {
        (255, 255, 255) => "white",
        (0, 0, 0) => "black",
        _ => $"#{Red:x2}{Green:x2}{Blue:x2}",
    };
}
