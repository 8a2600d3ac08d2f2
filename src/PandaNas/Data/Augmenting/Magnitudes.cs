using PandaNas.Sampling;
using static PandaNas.Data.Augmenting.ImageOperation;

namespace PandaNas.Data.Augmenting;

/// <summary>
/// Magnitudes of operations on a scale of levels, as in AutoAugment and torchvision: the largest shear is 0.3, translation
/// 150/331 of the side, rotation 30 degrees, blending 0.9; posterising keeps 8 to 4 bits, solarising starts at 255 to 0.
/// </summary>
internal static class Magnitudes
{
    private const double LargestShear = 0.3, LargestTranslation = 150.0 / 331, LargestRotation = 30, LargestBlend = 0.9;
    private const int MostBits = 8, FewestBits = 4;

    /// <summary>Whether the magnitude may be negative, by a draw.</summary>
    private static bool IsSigned(ImageOperation operation) =>
        operation is ShearX or ShearY or TranslateX or TranslateY or Rotate or Brightness or Color or Contrast or Sharpness;

    /// <summary>The operation at a level, with a random sign where it has one.</summary>
    /// <param name="operation">The operation.</param>
    /// <param name="level">0 to levels - 1.</param>
    /// <param name="levels">At least 2.</param>
    /// <param name="side">The image's side in pixels.</param>
    /// <param name="random">The image's stream; one draw for signed operations.</param>
    public static OperationDraw At(ImageOperation operation, int level, int levels, int side, RandomStream random)
    {
        double magnitude = Unsigned(operation, (double)level / (levels - 1), side);
        return new OperationDraw(operation, IsSigned(operation) && random.NextBool(0.5) ? -magnitude : magnitude);
    }

    private static double Unsigned(ImageOperation operation, double share, int side) => operation switch
    {
        ShearX or ShearY => LargestShear * share,
        TranslateX or TranslateY => LargestTranslation * side * share,
        Rotate => LargestRotation * share,
        Brightness or Color or Contrast or Sharpness => LargestBlend * share,
        Posterize => MostBits - Math.Round((MostBits - FewestBits) * share, MidpointRounding.ToEven),
        Solarize => 255 * (1 - share),
        _ => 0,
    };
}
