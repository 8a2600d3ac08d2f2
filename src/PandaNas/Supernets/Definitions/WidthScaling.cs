using PandaNas.Spaces;

namespace PandaNas.Supernets.Definitions;

/// <summary>Networks that are narrower or wider than their space describes them.</summary>
internal static class WidthScaling
{
    private const double Widest = 10;

    // Multipliers are looked for among these parts of 1.
    private const int Steps = 100;

    // Finer than MobileNetV2's 8: networks of 60,000 parameters have few channels.
    private const int RoundTo = 4;

    /// <summary>Throws unless a multiplier is in its range.</summary>
    /// <exception cref="BadOptionException">It is not.</exception>
    public static void Check(double multiplier)
    {
        if (multiplier is not (> 0 and <= Widest))
            throw new BadOptionException(
                "width-multiplier", FormattableString.Invariant($"width-multiplier is {multiplier}: expected above 0 to {Widest}"));
    }

    /// <summary>
    /// The largest multiplier, in hundredths, with which the plain network of an architecture has no more than so many parameters.
    /// </summary>
    /// <exception cref="BadOptionException">The space cannot be scaled, or its narrowest network has more.</exception>
    public static double Largest(SpaceFamily family, NetworkOptions sizes, Architecture architecture, long parameters)
    {
        family.Validate(At(1));
        if (!Keeps(1))
            throw new BadOptionException(
                "max-params",
                $"max-params is {parameters}: the narrowest network of {family.Space.Format(architecture)} has "
                + $"{family.Cost(At(1), architecture).Parameters}");
        int keeps = 1, exceeds = (int)Widest * Steps + 1;
        while (exceeds - keeps > 1)
        {
            int middle = (keeps + exceeds) / 2;
            if (Keeps(middle)) keeps = middle;
            else exceeds = middle;
        }
        return At(keeps).WidthMultiplier;

        NetworkOptions At(int step) => sizes with { WidthMultiplier = (double)step / Steps };

        // A definition may not allow all widths.
        bool Keeps(int step)
        {
            try
            {
                family.Validate(At(step));
                return family.Cost(At(step), architecture).Parameters <= parameters;
            }
            catch (BadOptionException) when (step > 1)
            {
                return false;
            }
        }
    }

    /// <summary>A definition with all numbers of channels scaled and rounded to multiples of 4; as it is with a multiplier of 1.</summary>
    public static SpaceDefinition Scale(SpaceDefinition definition, double multiplier) => multiplier == 1 ? definition : definition with
    {
        Stem = definition.Stem with { Channels = Scaled(definition.Stem.Channels, multiplier) },
        Body =
        [
            .. definition.Body.Select(part => part switch
            {
                FixedLayers layers => layers with { Channels = Scaled(layers.Channels, multiplier) },
                SearchedLayers layers => layers with { Channels = Scaled(layers.Channels, multiplier) },
                _ => part,
            }),
        ],
        HeadChannels = Scaled(definition.HeadChannels, multiplier),
    };

    /// <summary>
    /// A width times a multiplier, rounded to a multiple as in MobileNetV2: never to less than one, nor more than a tenth below the exact
    /// width.
    /// </summary>
    public static int Scale(int width, double multiplier, int multiple)
    {
        double exact = width * multiplier;
        int rounded = Math.Max(multiple, (int)(exact + multiple / 2.0) / multiple * multiple);
        return rounded < 0.9 * exact ? rounded + multiple : rounded;
    }

    // 0 keeps the channels of the layer before, or leaves the head out.
    private static int Scaled(int channels, double multiplier) => channels == 0 ? 0 : Scale(channels, multiplier, RoundTo);
}
