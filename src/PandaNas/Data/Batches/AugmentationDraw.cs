using PandaNas.Data.Images;
using PandaNas.Sampling;

namespace PandaNas.Data.Batches;

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
