using PandaNas.Sampling;
using static PandaNas.Data.Augmenting.ImageOperation;

namespace PandaNas.Data.Augmenting;

/// <summary>AutoAugment's policy for ImageNet (Cubuk et al. 2019): one of 25 pairs of operations, each with its own probability.</summary>
internal sealed record AutoAugment : IAugmentationPolicy
{
    private const int Levels = 10;

    internal readonly record struct Step(ImageOperation Operation, double Probability, int Level = 0);

    /// <summary>The table of the paper's appendix.</summary>
    internal static readonly (Step First, Step Second)[] Pairs =
    [
        (new(Posterize, 0.4, 8), new(Rotate, 0.6, 9)),
        (new(Solarize, 0.6, 5), new(AutoContrast, 0.6)),
        (new(Equalize, 0.8), new(Equalize, 0.6)),
        (new(Posterize, 0.6, 7), new(Posterize, 0.6, 6)),
        (new(Equalize, 0.4), new(Solarize, 0.2, 4)),
        (new(Equalize, 0.4), new(Rotate, 0.8, 8)),
        (new(Solarize, 0.6, 3), new(Equalize, 0.6)),
        (new(Posterize, 0.8, 5), new(Equalize, 1.0)),
        (new(Rotate, 0.2, 3), new(Solarize, 0.6, 8)),
        (new(Equalize, 0.6), new(Posterize, 0.4, 6)),
        (new(Rotate, 0.8, 8), new(Color, 0.4, 0)),
        (new(Rotate, 0.4, 9), new(Equalize, 0.6)),
        (new(Equalize, 0.0), new(Equalize, 0.8)),
        (new(Invert, 0.6), new(Equalize, 1.0)),
        (new(Color, 0.6, 4), new(Contrast, 1.0, 8)),
        (new(Rotate, 0.8, 8), new(Color, 1.0, 2)),
        (new(Color, 0.8, 8), new(Solarize, 0.8, 7)),
        (new(Sharpness, 0.4, 7), new(Invert, 0.6)),
        (new(ShearX, 0.6, 5), new(Equalize, 1.0)),
        (new(Color, 0.4, 0), new(Equalize, 0.6)),
        (new(Equalize, 0.4), new(Solarize, 0.2, 4)),
        (new(Solarize, 0.6, 5), new(AutoContrast, 0.6)),
        (new(Invert, 0.6), new(Equalize, 1.0)),
        (new(Color, 0.6, 4), new(Contrast, 1.0, 8)),
        (new(Equalize, 0.8), new(Equalize, 0.6)),
    ];

    void IAugmentationPolicy.Draw(int side, RandomStream random, List<OperationDraw> draws)
    {
        (Step first, Step second) = Pairs[random.NextInt(Pairs.Length)];
        foreach (Step step in (ReadOnlySpan<Step>)[first, second])
            if (random.NextBool(step.Probability)) draws.Add(Magnitudes.At(step.Operation, step.Level, Levels, side, random));
    }
}
