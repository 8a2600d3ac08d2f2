using PandaNas.Sampling;

namespace PandaNas.Data.Resizing;

/// <summary>How a picture becomes a square of the network's side; the same whether it is decoded once or for every batch.</summary>
public enum ImageFit
{
    /// <summary>Pictures that all have one square size are kept whole unless they are streamed; all others are cropped.</summary>
    Auto,

    /// <summary>The middle square of 7/8 of the shorter side, as usual on ImageNet.</summary>
    Crop,

    /// <summary>The whole picture, its longer side shortened.</summary>
    Squash,

    /// <summary>The whole picture in the middle of a square of its longer side, the rest in the background's colour.</summary>
    Pad,
}

/// <summary>How pictures of any size become squares: for evaluation, and as random parts, each time another one, for training.</summary>
/// <param name="Fit">Not <see cref="ImageFit.Auto"/>.</param>
/// <param name="Background">Shows through transparent pictures and fills what padding adds.</param>
internal readonly record struct Fitting(ImageFit Fit, Colour Background)
{
    /// <summary>The part that is evaluated, in pixels of the picture or, padded, of the square around it.</summary>
    public CropBox Plain(int width, int height) => Fit switch
    {
        ImageFit.Squash => CropBox.Whole(width, height),
        ImageFit.Pad => CropBox.Whole(Math.Max(width, height), Math.Max(width, height)),
        _ => CropBox.Centre(width, height),
    };

    /// <summary>A random part: of the picture, or of the square that it is squashed or padded to.</summary>
    public CropBox Random(int width, int height, double smallestShare, RandomStream random)
    {
        if (Fit == ImageFit.Crop) return CropBox.Random(width, height, smallestShare, random);
        int side = Math.Max(width, height);
        CropBox part = CropBox.Random(side, side, smallestShare, random);
        return Fit == ImageFit.Pad ? part : part.Scale((double)width / side, (double)height / side);
    }
}
