using PandaNas.Runtime.Threads;

namespace PandaNas.Supernets.Kernels.Convolutions;

/// <summary>The sizes of a convolution over images in channels-last memory, padded by half the kernel on every side.</summary>
/// <param name="Images">Images of the batch.</param>
/// <param name="Height">Rows of an image.</param>
/// <param name="Width">Columns of an image.</param>
/// <param name="Inputs">Channels of an image.</param>
/// <param name="Outputs">Channels of a result.</param>
/// <param name="Kernel">Rows and columns of the kernel, odd.</param>
/// <param name="Stride">Between the windows of neighbouring results, both ways.</param>
internal readonly record struct ConvolutionGeometry(int Images, int Height, int Width, int Inputs, int Outputs, int Kernel, int Stride)
{
    // A thread is worth starting for so many multiply-adds.
    private const long LeastPart = 1 << 19;

    /// <summary>Zeros on every side.</summary>
    public int Padding => Kernel / 2;

    /// <summary>Rows of a result.</summary>
    public int ResultHeight => (Height - 1) / Stride + 1;

    /// <summary>Columns of a result.</summary>
    public int ResultWidth => (Width - 1) / Stride + 1;

    /// <summary>Values of an image.</summary>
    public long ImageValues => (long)Height * Width * Inputs;

    /// <summary>Values of a result.</summary>
    public long ResultValues => (long)ResultHeight * ResultWidth * Outputs;

    /// <summary>Values of the weights.</summary>
    public int WeightValues => Outputs * Inputs * Kernel * Kernel;

    /// <summary>Into how many parts to divide the images.</summary>
    public int Parts =>
        (int)Math.Min(Images, ParallelRegion.PartsFor(Images * (long)ResultHeight * ResultWidth * WeightValues, LeastPart));

    /// <summary>The images of a part.</summary>
    public (int First, int End) ImagesOf(int part, int parts) =>
        ((int)((long)Images * part / parts), (int)((long)Images * (part + 1) / parts));

    /// <summary>The same products with the pixels of an image in one row, where neither kernel nor stride sees rows.</summary>
    public ConvolutionGeometry Flattened() => Kernel == 1 && Stride == 1 ? this with { Height = 1, Width = Height * Width } : this;
}
