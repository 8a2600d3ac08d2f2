using PandaNas.Data.Batches;
using PandaNas.Data.Decoding;
using PandaNas.Data.Resizing;

namespace PandaNas.Experiments.Inputs;

/// <summary>Images as small pictures, which a run keeps: the data may be moved, and reports show them all the same.</summary>
internal static class Thumbnail
{
    private const int LargestSide = 96;

    /// <summary>An image as the network sees it, scaled down to at most 96 pixels a side, as a PNG file.</summary>
    public static byte[] Of(LabelledImages images, int example)
    {
        byte[] pixels = images.BytesOf([example]);
        int side = Math.Min(images.Height, LargestSide);
        byte[] small = new byte[images.Channels * side * side];
        new AreaDownscale(images.Height, images.Width, side).Apply(pixels, small);
        return PngFile.Of(small, new ImageShape(images.Channels, side, side));
    }
}
