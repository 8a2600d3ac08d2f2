using System.Globalization;
using PandaNas.Sampling;

namespace PandaNas.Data.Augmenting;

/// <summary>
/// Random brightness, contrast, saturation and hue, in a random order, as torchvision's ColorJitter: the first three are multiplied by
/// a factor drawn evenly from [max(0, 1 - x), 1 + x], the hue turns by a share of the colour circle drawn evenly from [-x, x].
/// </summary>
/// <param name="Brightness">x, at least 0; 0 leaves it alone.</param>
/// <param name="Contrast">x, at least 0.</param>
/// <param name="Saturation">x, at least 0.</param>
/// <param name="Hue">x, 0 to 0.5.</param>
public sealed record ColorJitter(double Brightness, double Contrast, double Saturation, double Hue)
{
    private const double LargestFactor = 10, LargestHue = 0.5;

    /// <summary>Colours stay.</summary>
    public static ColorJitter None { get; } = new(0, 0, 0, 0);

    /// <summary>Reads <c>B,C,S,H</c>; an empty text is <see cref="None"/>.</summary>
    /// <exception cref="BadOptionException">It is not written so, or a number is out of its range.</exception>
    public static ColorJitter Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length == 0) return None;
        double[] values = [.. text.Split(',').Select(part =>
            double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? value : double.NaN)];
        if (values.Length != 4 || values.Any(double.IsNaN))
            throw new BadOptionException(
                $"'{text}' is not B,C,S,H: write four numbers for brightness, contrast, saturation and hue, for example 0.4,0.4,0.4,0.1");
        return new ColorJitter(values[0], values[1], values[2], values[3]).Validated();
    }

    /// <summary>The text that <see cref="Parse"/> reads; empty for <see cref="None"/>.</summary>
    public override string ToString() =>
        this == None ? "" : string.Create(CultureInfo.InvariantCulture, $"{Brightness:R},{Contrast:R},{Saturation:R},{Hue:R}");

    /// <summary>The same, every number in its range.</summary>
    /// <exception cref="BadOptionException">A number is not.</exception>
    internal ColorJitter Validated()
    {
        bool factors = Brightness is >= 0 and <= LargestFactor
            && Contrast is >= 0 and <= LargestFactor && Saturation is >= 0 and <= LargestFactor;
        return factors && Hue is >= 0 and <= LargestHue
            ? this
            : throw new BadOptionException(
                $"the color jitter is '{this}': brightness, contrast and saturation are 0 to {LargestFactor}, hue is 0 to {LargestHue}");
    }

    /// <summary>Adds what is done to one image: nothing is drawn for what is 0.</summary>
    internal void Draw(RandomStream random, List<OperationDraw> draws)
    {
        int first = draws.Count;
        AddFactor(ImageOperation.Brightness, Brightness);
        AddFactor(ImageOperation.Contrast, Contrast);
        AddFactor(ImageOperation.Color, Saturation);
        if (Hue > 0) draws.Add(new OperationDraw(ImageOperation.Hue, Hue * (2 * random.NextDouble() - 1)));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(draws)[first..]);

        void AddFactor(ImageOperation operation, double most)
        {
            if (most == 0) return;
            double least = Math.Max(0, 1 - most);
            draws.Add(new OperationDraw(operation, least + (1 + most - least) * random.NextDouble() - 1));
        }
    }
}
