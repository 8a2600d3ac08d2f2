namespace PandaNas.Supernets.Kernels.Depthwise;

/// <summary>
/// A depthwise correlation with "same" padding. Its input may be spread: set apart with zeros between, which is how the gradient of a
/// stride is the same operation.
/// </summary>
/// <param name="Channels">Channels of input and output.</param>
/// <param name="Kernel">Side of the kernel, odd.</param>
/// <param name="Dilation">Distance of the kernel's taps.</param>
/// <param name="Step">Distance of the output's places in the spread input.</param>
/// <param name="Spread">Distance of the input's places once spread.</param>
/// <param name="InputHeight">Height of the input as it is stored.</param>
/// <param name="InputWidth">Its width.</param>
/// <param name="OutputHeight">Height of the output.</param>
/// <param name="OutputWidth">Its width.</param>
internal readonly record struct DepthwiseShape(
    int Channels, int Kernel, int Dilation, int Step, int Spread, int InputHeight, int InputWidth, int OutputHeight, int OutputWidth)
{
    /// <summary>The convolution of an image.</summary>
    public static DepthwiseShape Convolution(int channels, int kernel, int dilation, int stride, int height, int width) =>
        new(channels, kernel, dilation, stride, 1, height, width, (height - 1) / stride + 1, (width - 1) / stride + 1);

    /// <summary>What gives the gradient of a convolution's input, with the kernel turned by 180°.</summary>
    public DepthwiseShape InputGradient => new(Channels, Kernel, Dilation, 1, Step, OutputHeight, OutputWidth, InputHeight, InputWidth);

    /// <summary>Taps of the kernel.</summary>
    public int Taps => Kernel * Kernel;

    /// <summary>Rows and columns of zeros on every side of the spread input.</summary>
    public int Padding => Dilation * (Kernel - 1) / 2;

    /// <summary>Columns of zeros before and behind the input as it is stored.</summary>
    public int Border => (Padding + Spread - 1) / Spread;

    /// <summary>Height of the spread input.</summary>
    public int SpreadHeight => Spread * (InputHeight - 1) + 1;

    /// <summary>The least number of values, whole vectors, in which the channels repeat.</summary>
    public int Period { get; } = ChannelLayout.LeastCommonMultiple(Channels, ChannelLayout.Lanes);

    /// <summary>Values of an output row, rounded up to whole periods.</summary>
    public int OutputLength => LengthOf(OutputWidth);

    /// <summary>Values of so many columns, rounded up to whole periods.</summary>
    public int LengthOf(int columns) => (columns * Channels + Period - 1) / Period * Period;

    /// <summary>
    /// Output columns of a phase: those that are so far behind a multiple of <see cref="Spread"/>. They meet the same taps, the others
    /// being over zeros.
    /// </summary>
    public int PhaseColumns(int phase) => (OutputWidth - phase + Spread - 1) / Spread;

    /// <summary>Rows of the spread input under the kernel.</summary>
    public int WindowRows => Dilation * (Kernel - 1) + 1;

    /// <summary>
    /// Values of a phase of a padded row: its columns, without those between spread ones, are stored in <see cref="Step"/> phases, so
    /// that the columns that a tap meets lie side by side. A period more than the columns, because whole periods are read.
    /// </summary>
    public int PhaseLength
    {
        get
        {
            int last = (Step * (OutputWidth - 1) + Padding) / Spread + Border;
            int columns = Math.Max(Border + InputWidth, last + 1);
            return (columns + Step - 1) / Step * Channels + Period;
        }
    }
}
