using PandaNas.Sampling;

namespace PandaNas.Data.Resizing;

/// <summary>The part of a stored image that becomes the network's, in pixels of the stored image; need not start on a whole one.</summary>
internal readonly record struct CropBox(double Left, double Top, double Width, double Height)
{
    /// <summary>
    /// The share of the shorter side that is evaluated. As torchvision and most others: resize it to 256, keep the middle 224.
    /// </summary>
    public const double EvaluatedShare = 0.875;

    // Szegedy et al. 2015.
    private const double NarrowestRatio = 3.0 / 4, WidestRatio = 4.0 / 3;
    private const int Attempts = 10;

    /// <summary>The middle square of 7/8 of the shorter side, on which networks are evaluated.</summary>
    public static CropBox Centre(int width, int height)
    {
        double side = EvaluatedShare * Math.Min(width, height);
        return new CropBox((width - side) / 2, (height - side) / 2, side, side);
    }

    /// <summary>
    /// A random part, as torchvision's RandomResizedCrop: area evenly from the smallest share to the whole, ratio of width to height
    /// evenly on a logarithmic scale from 3/4 to 4/3, place even. When ten draws do not fit, the largest middle part of such a ratio.
    /// </summary>
    public static CropBox Random(int width, int height, double smallestShare, RandomStream random)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            double area = (double)width * height * (smallestShare + (1 - smallestShare) * random.NextDouble());
            double ratio = NarrowestRatio * Math.Pow(WidestRatio / NarrowestRatio, random.NextDouble());
            int w = (int)Math.Round(Math.Sqrt(area * ratio)), h = (int)Math.Round(Math.Sqrt(area / ratio));
            if (w < 1 || h < 1 || w > width || h > height) continue;
            int top = random.NextInt(height - h + 1), left = random.NextInt(width - w + 1);
            return new CropBox(left, top, w, h);
        }
        double middleWidth = Math.Min(width, Math.Round(height * WidestRatio));
        double middleHeight = Math.Min(height, Math.Round(width / NarrowestRatio));
        return new CropBox(Math.Floor((width - middleWidth) / 2), Math.Floor((height - middleHeight) / 2), middleWidth, middleHeight);
    }

    /// <summary>All of an image.</summary>
    public static CropBox Whole(int width, int height) => new(0, 0, width, height);

    /// <summary>The box in an image that was scaled along each axis.</summary>
    public CropBox Scale(double x, double y) => new(Left * x, Top * y, Width * x, Height * y);
}
