namespace PandaNas.Data;

/// <summary>Random changes to each training image, drawn anew for every example of every batch.</summary>
/// <param name="CropPadding">Zero pixels added on every side before a crop of the image's own size; 0 (the default) crops nothing.</param>
/// <param name="Flip">Whether half of the images are mirrored left to right. Default false.</param>
/// <param name="Cutout">
/// Side in pixels of the square that is set to the mean (0 after normalisation), centred anywhere in the image and clipped at its
/// borders (DeVries and Taylor 2017); 0 (the default) cuts nothing.
/// </param>
public sealed record Augmentation(int CropPadding = 0, bool Flip = false, int Cutout = 0)
{
    /// <summary>The images as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>Checks the ranges.</summary>
    /// <exception cref="BadOptionException">A number of pixels is outside 0 to 4,096.</exception>
    internal void Validate()
    {
        Check("crop padding", CropPadding);
        Check("cutout", Cutout);
    }

    private static void Check(string name, int pixels)
    {
        if (pixels is < 0 or > ImageShape.MaximumSide)
            throw new BadOptionException($"the {name} is {pixels} pixels: expected 0 to {ImageShape.MaximumSide}");
    }
}
