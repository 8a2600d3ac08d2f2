using PandaNas.Data.Augmenting;
using PandaNas.Data.Resizing;
using PandaNas.Sampling;

namespace PandaNas.Data.Batches;

/// <summary>Random changes to each training image, drawn anew for every example of every batch.</summary>
/// <param name="CropPadding">Zero pixels added on every side before a crop of the image's own size; 0 (the default) crops nothing.</param>
/// <param name="Flip">Whether half of the images are mirrored left to right. Default false.</param>
/// <param name="Cutout">
/// Side in pixels of the square that is set to the mean (0 after normalisation), centred anywhere in the image and clipped at its
/// borders (DeVries and Taylor 2017); 0 (the default) cuts nothing.
/// </param>
internal sealed record Augmentation(int CropPadding = 0, bool Flip = false, int Cutout = 0)
{
    /// <summary>The smallest share of the area that a random crop of a streamed image keeps by default (Szegedy et al. 2015).</summary>
    public const double UsualCropScale = 0.08;

    /// <summary>The images as they are.</summary>
    public static Augmentation None { get; } = new();

    /// <summary>
    /// The smallest share of the area that the random crop of a streamed image keeps, above 0 to 1. Images in memory are cropped by
    /// <see cref="CropPadding"/>.
    /// </summary>
    public double CropScale { get; init; } = UsualCropScale;

    /// <summary>Random brightness, contrast, saturation and hue, of streamed images.</summary>
    public ColorJitter ColorJitter { get; init; } = ColorJitter.None;

    /// <summary>A drawn sequence of operations on the pixels of streamed images; null (the default) is none.</summary>
    public IAugmentationPolicy? Policy { get; init; }

    /// <summary>Refuses what is done to streamed images only.</summary>
    /// <exception cref="BadOptionException">Colours are to be changed.</exception>
    internal void RequirePlainColours()
    {
        if (Policy is not null || ColorJitter != ColorJitter.None)
            throw new BadOptionException(
                $"{Mention.Option("color-jitter")}, {Mention.Option("auto-augment")} and {Mention.Option("rand-augment")} "
                + "are for streamed images: "
                + $"add {Mention.Option("stream")} on with an image folder, or leave them out");
    }

    /// <summary>Refuses what is done to images in memory only.</summary>
    /// <exception cref="BadOptionException">Images are to be padded.</exception>
    internal void RequireNoPadding()
    {
        if (CropPadding > 0)
            throw new BadOptionException(
                $"{Mention.Option("crop-padding")} is {CropPadding}, but streamed images are cropped by {Mention.Option("crop-scale")}: "
                + $"leave {Mention.Option("crop-padding")} at -1, or add {Mention.Option("stream")} off");
    }
}

/// <summary>What was drawn for one example: where its crop starts in the padded image, whether it is mirrored, its cutout.</summary>
internal readonly record struct AugmentationDraw(int Top, int Left, bool Mirrored, int CutoutY, int CutoutX)
{
    // A cutout around here reaches no image.
    private const int OutOfSight = -2 * ImageShape.MaximumSide;

    /// <summary>The draw that changes nothing.</summary>
    public static AugmentationDraw Nothing(Augmentation augmentation) =>
        new(augmentation.CropPadding, augmentation.CropPadding, false, OutOfSight, OutOfSight);

    /// <summary>
    /// Draws, in this order and only for what is switched on: crop top and left, each 0 to 2·padding; mirrored or not; the cutout's
    /// centre row and column.
    /// </summary>
    public static AugmentationDraw Next(Augmentation augmentation, ImageShape shape, RandomStream random)
    {
        int top = 0, left = 0, y = 0, x = 0;
        if (augmentation.CropPadding > 0)
        {
            top = random.NextInt(2 * augmentation.CropPadding + 1);
            left = random.NextInt(2 * augmentation.CropPadding + 1);
        }
        bool mirrored = augmentation.Flip && random.NextBool(0.5);
        if (augmentation.Cutout > 0)
        {
            y = random.NextInt(shape.Height);
            x = random.NextInt(shape.Width);
        }
        return new AugmentationDraw(top, left, mirrored, y, x);
    }
}
