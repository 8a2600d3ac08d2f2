using PandaNas.Sampling;

namespace PandaNas.Data.Augmenting;

/// <summary>What can be done to the pixels of an image, by the names of AutoAugment (Cubuk et al. 2019).</summary>
internal enum ImageOperation
{
    /// <summary>Nothing.</summary>
    Identity,

    /// <summary>Moves each row by magnitude × its y.</summary>
    ShearX,

    /// <summary>Moves each column by magnitude × its x.</summary>
    ShearY,

    /// <summary>Moves right by the whole part of magnitude pixels.</summary>
    TranslateX,

    /// <summary>Moves down by the whole part of magnitude pixels.</summary>
    TranslateY,

    /// <summary>Turns counter-clockwise about the centre by magnitude degrees.</summary>
    Rotate,

    /// <summary>Blends with black; 1 + magnitude is the image's share.</summary>
    Brightness,

    /// <summary>Blends with grey of the same lightness (saturation); 1 + magnitude is the image's share.</summary>
    Color,

    /// <summary>Blends with the mean lightness; 1 + magnitude is the image's share.</summary>
    Contrast,

    /// <summary>Blends with a smoothed image; 1 + magnitude is the image's share.</summary>
    Sharpness,

    /// <summary>Keeps the upper magnitude bits of every value.</summary>
    Posterize,

    /// <summary>Inverts values of at least magnitude.</summary>
    Solarize,

    /// <summary>Stretches every channel to 0..255.</summary>
    AutoContrast,

    /// <summary>Makes every channel's histogram even.</summary>
    Equalize,

    /// <summary>255 minus every value.</summary>
    Invert,

    /// <summary>Turns the colour circle by magnitude, a share of the whole turn.</summary>
    Hue,
}

/// <summary>An operation that was drawn, with its magnitude in the operation's own unit.</summary>
/// <param name="Operation">The operation.</param>
/// <param name="Magnitude">Its magnitude; 0 where it takes none.</param>
internal readonly record struct OperationDraw(ImageOperation Operation, double Magnitude);

/// <summary>Draws a sequence of operations for an image.</summary>
internal interface IAugmentationPolicy
{
    /// <summary>Adds the operations for one image.</summary>
    /// <param name="side">The image's side in pixels, from which the largest translation follows.</param>
    /// <param name="random">The image's stream.</param>
    /// <param name="draws">Receives them in order.</param>
    internal void Draw(int side, RandomStream random, List<OperationDraw> draws);
}
