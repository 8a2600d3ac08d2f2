using System.Globalization;
using PandaNas.Sampling;
using static PandaNas.Data.Augmenting.ImageOperation;

namespace PandaNas.Data.Augmenting;

/// <summary>RandAugment (Cubuk et al. 2020) as torchvision defines it: N operations, each any of 14, all of magnitude M.</summary>
/// <param name="Operations">N, 1 to 14.</param>
/// <param name="Magnitude">M, 0 to 30; 30 is the largest of every operation.</param>
public sealed record RandAugment(int Operations, int Magnitude) : IAugmentationPolicy
{
    private const int Levels = 31;

    private static readonly ImageOperation[] s_candidates =
    [
        Identity, ShearX, ShearY, TranslateX, TranslateY, Rotate, Brightness, Color, Contrast, Sharpness, Posterize, Solarize,
        AutoContrast, Equalize,
    ];

    /// <summary>Reads <c>N,M</c>.</summary>
    /// <exception cref="BadOptionException">It is not written so, or a number is out of its range.</exception>
    public static RandAugment Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Split(',') is [var first, var second] && Number(first) is { } operations && Number(second) is { } magnitude
            ? new RandAugment(operations, magnitude).Validated()
            : throw Impossible(text);
    }

    /// <summary>The text that <see cref="Parse"/> reads.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Operations},{Magnitude}");

    /// <summary>The same, both numbers in their ranges.</summary>
    /// <exception cref="BadOptionException">One is not.</exception>
    internal RandAugment Validated() =>
        Operations >= 1 && Operations <= s_candidates.Length && Magnitude is >= 0 and < Levels ? this : throw Impossible(ToString());

    void IAugmentationPolicy.Draw(int side, RandomStream random, List<OperationDraw> draws)
    {
        for (int i = 0; i < Operations; i++)
            draws.Add(Magnitudes.At(s_candidates[random.NextInt(s_candidates.Length)], Magnitude, Levels, side, random));
    }

    private static BadOptionException Impossible(string text) => new(
        $"'{text}' is not N,M: write how many operations, 1 to {s_candidates.Length}, and their magnitude, 0 to {Levels - 1}, "
        + "for example 2,9");

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int value)
            ? value
            : null;
}
