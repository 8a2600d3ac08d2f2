namespace PandaNas.Data.Resizing;

/// <summary>The shape of one image, C×H×W, one byte per value.</summary>
internal readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>The longest side, in pixels, of what networks see.</summary>
    public const int MaximumSide = 4096;

    /// <summary>Bytes of one image.</summary>
    public int Bytes => Channels * Height * Width;

    /// <summary>The size as people write it, width first as image viewers do.</summary>
    public string SizeText => $"{Width}x{Height}";
}
