using Unmanaged = System.Runtime.InteropServices.NativeMemory;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>Images with zeros around them, one after the other in the same memory, so that windows need no case for the edges.</summary>
/// <param name="Height">Rows without the padding.</param>
/// <param name="Width">Columns without the padding.</param>
/// <param name="Channels">Values per pixel.</param>
/// <param name="Padding">Zeros on every side; with 0 an image is read where it lies.</param>
internal readonly record struct PaddedImage(int Height, int Width, int Channels, int Padding)
{
    /// <summary>Values from a row to the next.</summary>
    public int Row => (Width + 2 * Padding) * Channels;

    /// <summary>Values that the memory has to hold, with those that are read beyond the last window.</summary>
    public int Values => Padding == 0 ? 0 : (Height + 2 * Padding) * Row + WeightProducts.Overrun;

    /// <summary>Clears the memory once, before the first image.</summary>
    public unsafe void Clear(float* memory) => Unmanaged.Clear(memory, (nuint)Values * sizeof(float));

    /// <summary>Pads an image.</summary>
    /// <returns>The first value: of the padding, or of the image itself where there is none.</returns>
    public unsafe float* Fill(float* memory, float* image)
    {
        if (Padding == 0) return image;
        int values = Width * Channels;
        float* to = memory + Padding * (Row + Channels);
        for (int row = 0; row < Height; row++)
            Unmanaged.Copy(image + (long)row * values, to + (long)row * Row, (nuint)values * sizeof(float));
        return memory;
    }
}
